import type { ReactElement } from 'react'
import styles from './skeleton.module.css'

/** A grey bar where a thing is about to be. Sizes are CSS lengths. */
export function Skeleton({
  width = '100%',
  height = '1rem',
}: {
  readonly width?: string
  readonly height?: string
}): ReactElement {
  return <span aria-hidden className={styles['skeleton']} style={{ width, height }} />
}
