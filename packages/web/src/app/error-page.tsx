import type { ErrorComponentProps } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import type { ReactElement } from 'react'
import { messageOf } from '../rest/api-error.ts'
import { Button } from '../ui/button.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { useTitle } from '../ui/use-title.ts'
import styles from './shell.module.css'

/** What stands in place of a page that broke; the header above it still works. */
export function ErrorPage({ error }: ErrorComponentProps): ReactElement {
  useTitle('Error')
  return (
    <main className={styles['content']}>
      <EmptyState
        icon={<TriangleAlert aria-hidden />}
        title="This page broke."
        isWholePage
        actions={
          <>
            {/* A whole load: a part that was replaced by a newer version of the server is found again. */}
            <Button variant="primary" onPress={() => window.location.reload()}>
              Load it again
            </Button>
            <Button onPress={() => window.location.assign('/jobs')}>Back to the jobs</Button>
          </>
        }
      >
        <div className={styles['errorWords']}>
          <p>Your jobs and their metrics are safe: they live in the server. It said:</p>
          <CodeBlock code={messageOf(error)} label="Copy the error" />
        </div>
      </EmptyState>
    </main>
  )
}
