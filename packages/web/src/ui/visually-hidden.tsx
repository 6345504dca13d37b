import type { ReactElement, ReactNode } from 'react'
import styles from './visually-hidden.module.css'

/** For screen readers alone. `isLive`: what it says is spoken when it changes. */
export function VisuallyHidden({
  children,
  isLive = false,
}: {
  readonly children: ReactNode
  readonly isLive?: boolean
}): ReactElement {
  return (
    <span
      className={styles['hidden']}
      {...(isLive ? { role: 'status', 'aria-live': 'polite' } : {})}
    >
      {children}
    </span>
  )
}
