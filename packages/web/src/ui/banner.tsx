import { CircleAlert, CircleCheck, Info, TriangleAlert, type LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import styles from './banner.module.css'
import { cx } from './cx.ts'
import { toneClass, type Tone } from './tone.ts'

export type BannerTone = Exclude<Tone, 'calm'>

export interface BannerProps {
  readonly tone?: BannerTone
  readonly children: ReactNode
  /** Buttons at its end. */
  readonly actions?: ReactNode
  /** "alert" interrupts a screen reader, "status" waits; by default it says nothing on its own. */
  readonly role?: 'alert' | 'status'
}

export function Banner({ tone = 'info', children, actions, role }: BannerProps): ReactElement {
  const Icon = ICONS[tone]
  return (
    <div role={role} className={cx(styles['banner'], toneClass(tone))}>
      <Icon aria-hidden className={styles['icon']} />
      <div className={styles['body']}>{children}</div>
      {actions !== undefined && actions !== false && (
        <div className={styles['actions']}>{actions}</div>
      )}
    </div>
  )
}

const ICONS: Readonly<Record<BannerTone, LucideIcon>> = {
  info: Info,
  good: CircleCheck,
  warn: TriangleAlert,
  bad: CircleAlert,
}
