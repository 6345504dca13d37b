import type { ReactElement, ReactNode } from 'react'
import styles from './chip.module.css'
import { cx } from './cx.ts'
import { toneClass, type Tone } from './tone.ts'

/** A word or two in a small box: a tag, a short fact about a thing. */
export function Chip({
  tone = 'calm',
  children,
  title,
}: {
  readonly tone?: Tone
  readonly children: ReactNode
  readonly title?: string
}): ReactElement {
  return (
    <span className={cx(styles['chip'], toneClass(tone))} title={title}>
      {children}
    </span>
  )
}
