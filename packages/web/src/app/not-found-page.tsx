import { Compass } from 'lucide-react'
import type { ReactElement } from 'react'
import { LinkButton } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { useTitle } from '../ui/use-title.ts'
import styles from './shell.module.css'

export function NotFoundPage(): ReactElement {
  useTitle('Not found')
  return (
    <main className={styles['content']}>
      <EmptyState
        icon={<Compass aria-hidden />}
        title="There is no such page."
        isWholePage
        actions={
          <LinkButton to="/jobs" variant="primary">
            Back to the jobs
          </LinkButton>
        }
      >
        The address may be mistyped, or the link may be older than this version of Plotline.
      </EmptyState>
    </main>
  )
}
