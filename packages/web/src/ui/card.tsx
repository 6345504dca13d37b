import { useId, type ReactElement, type ReactNode } from 'react'
import styles from './card.module.css'
import { cx } from './cx.ts'

export interface CardProps {
  readonly title?: ReactNode
  /** Beside the title, at the right. */
  readonly actions?: ReactNode
  readonly children: ReactNode
  readonly className?: string
}

/** A titled surface; a landmark region named by its title. */
export function Card({ title, actions, children, className }: CardProps): ReactElement {
  const titleId = useId()
  return (
    <section
      className={cx(styles['card'], className)}
      aria-labelledby={title === undefined ? undefined : titleId}
    >
      {title !== undefined && (
        <header className={styles['header']}>
          <h2 id={titleId} className={styles['title']}>
            {title}
          </h2>
          {actions}
        </header>
      )}
      <div className={styles['body']}>{children}</div>
    </section>
  )
}
