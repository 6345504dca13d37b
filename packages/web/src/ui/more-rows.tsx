import type { ReactElement, ReactNode, Ref } from 'react'
import { Button } from './button.tsx'
import styles from './more-rows.module.css'

interface MoreRowsProps {
  /** The words of its button. */
  readonly children: ReactNode
  readonly onMore: () => void
  readonly isPending?: boolean
  readonly ref?: Ref<HTMLDivElement>
}

/** The end of a list of which only the beginning is shown. */
export function MoreRows({
  children,
  onMore,
  isPending = false,
  ref,
}: MoreRowsProps): ReactElement {
  return (
    <div ref={ref} className={styles['more']}>
      <Button variant="ghost" onPress={onMore} isPending={isPending}>
        {children}
      </Button>
    </div>
  )
}
