import { useLocation } from '@tanstack/react-router'
import type { IngestStop } from '@plotline/api'
import { useEffect, useRef, type ReactElement } from 'react'
import { formatMoment } from '../charts/time-format.ts'
import { useServer } from '../rest/server.ts'
import { Banner } from '../ui/banner.tsx'
import { LinkButton } from '../ui/button.tsx'
import { useToast } from '../ui/toast.tsx'
import { useNow } from '../ui/use-now.ts'
import styles from './shell.module.css'

/** On every page for as long as the server takes no samples: nobody should find out from a gap in a graph. */
export function StoppedBanner(): ReactElement | null {
  const { data: server } = useServer()
  const stopped = server?.stopped ?? null
  const now = useNow(false)
  const pathname = useLocation({ select: (location) => location.pathname })
  useResumedNotice(stopped)
  if (stopped === null) return null
  return (
    <div className={styles['notice']}>
      <Banner
        tone="bad"
        actions={
          pathname !== '/storage' && (
            <LinkButton to="/storage" size="sm">
              See what takes the room
            </LinkButton>
          )
        }
      >
        {/* The sizes in the reason change all the time: only what holds until the end is spoken. */}
        <strong role="alert">
          No samples have been taken since {formatMoment(stopped.since, now)}.
        </strong>{' '}
        {stopped.reason}
      </Banner>
    </div>
  )
}

function useResumedNotice(stopped: IngestStop | null): void {
  const toast = useToast()
  const wasStopped = useRef(false)
  useEffect(() => {
    if (wasStopped.current && stopped === null) toast('Samples are taken again.')
    wasStopped.current = stopped !== null
  }, [stopped, toast])
}
