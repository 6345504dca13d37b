import type { ReactElement } from 'react'
import styles from './logo.module.css'

export function Logo(): ReactElement {
  return (
    <span className={styles['logo']}>
      <svg viewBox="0 0 32 32" aria-hidden className={styles['mark']}>
        <rect width="32" height="32" rx="8" />
        <path d="M6 21.5l6-7 5 4 8.5-10" />
        <circle cx="25.5" cy="8.5" r="2.6" />
      </svg>
      Plotline
    </span>
  )
}
