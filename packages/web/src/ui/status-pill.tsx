import type { JobState } from '@plotline/api/names'
import { Ban, Check, Clock3, LoaderCircle, TriangleAlert, X, type LucideIcon } from 'lucide-react'
import type { ReactElement } from 'react'
import { cx } from './cx.ts'
import styles from './status-pill.module.css'
import { toneClass, type Tone } from './tone.ts'

/** The state of a job by shape, colour and word: never by colour alone. */
export function StatusPill({
  state,
  exitCode = null,
}: {
  readonly state: JobState
  readonly exitCode?: number | null
}): ReactElement {
  return (
    <span className={cx(styles['pill'], toneClass(TONES[state]))}>
      <StateIcon state={state} />
      {stateWord(state)}
      {state === 'Failed' && exitCode !== null && (
        <span className={styles['detail']}>exit {exitCode}</span>
      )}
    </span>
  )
}

/** What people read; the API's own word for a job that ended well is "Stopped". */
export function stateWord(state: JobState): string {
  return state === 'Stopped' ? 'Success' : state
}

export function StateIcon({ state }: { readonly state: JobState }): ReactElement {
  const Icon = ICONS[state]
  return <Icon aria-hidden className={cx(state === 'Running' && styles['spin'])} />
}

const ICONS: Readonly<Record<JobState, LucideIcon>> = {
  Pending: Clock3,
  Running: LoaderCircle,
  Stopped: Check,
  Failed: X,
  Error: TriangleAlert,
  Cancelled: Ban,
}

const TONES: Readonly<Record<JobState, Tone>> = {
  Pending: 'calm',
  Running: 'info',
  Stopped: 'good',
  Failed: 'bad',
  Error: 'warn',
  Cancelled: 'calm',
}
