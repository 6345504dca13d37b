import type { ReactElement } from 'react'
import { useLiveState } from '../live/use-live.tsx'
import { useNow } from '../ui/use-now.ts'
import styles from './job-page.module.css'

/** Whether what is on screen is of now. */
export function LiveDot(): ReactElement {
  const state = useLiveState()
  const now = useNow(state.kind === 'reconnecting')
  switch (state.kind) {
    case 'live':
      return (
        <span className={styles['live']} data-state="live">
          Live
        </span>
      )
    case 'connecting':
      return (
        <span className={styles['live']} data-state="waiting">
          Connecting…
        </span>
      )
    case 'reconnecting': {
      const seconds = Math.max(0, Math.ceil((state.retryAt - now) / 1000))
      return (
        <span className={styles['live']} data-state="waiting" role="status">
          {seconds === 0 ? 'Reconnecting…' : `Reconnecting in ${seconds} s`}
        </span>
      )
    }
  }
}
