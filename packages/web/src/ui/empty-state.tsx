import type { ReactElement, ReactNode } from 'react'
import styles from './empty-state.module.css'

export interface EmptyStateProps {
  readonly title: string
  readonly icon?: ReactNode
  readonly children?: ReactNode
  readonly actions?: ReactNode
  /** Nothing else is on the page: its title is the page's. */
  readonly isWholePage?: boolean
}

/** What stands where things would be: words, and a way on. */
export function EmptyState({
  title,
  icon,
  children,
  actions,
  isWholePage = false,
}: EmptyStateProps): ReactElement {
  const Title = isWholePage ? 'h1' : 'h2'
  return (
    <div className={styles['empty']}>
      {icon !== undefined && <div className={styles['icon']}>{icon}</div>}
      <Title className={styles['title']}>{title}</Title>
      {children !== undefined && <div className={styles['body']}>{children}</div>}
      {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
    </div>
  )
}
