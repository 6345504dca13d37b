import type { Job, JobMetrics, MetricData } from '@plotline/api'
import { isFinal } from '@plotline/api/names'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { ChartDeck } from '../charts/chart-deck.tsx'
import { createDrawLoop } from '../charts/draw-loop.ts'
import { createMetricFeed, type FeedSnapshot } from '../charts/metric-feed.ts'
import { useLiveConnection } from '../live/use-live.tsx'
import { request } from '../rest/request.ts'

const SECOND_MS = 1000
/** For those who asked for less motion the window moves in larger steps. */
const CALM_STEP_MS = 5000

/** The metrics of one job, listened to while the tab is open. Undefined only before the first effect. */
export function useJobDeck(job: Job): ChartDeck | undefined {
  const connection = useLiveConnection()
  const [deck, setDeck] = useState<ChartDeck>()
  const latest = useRef(job)
  useEffect(() => {
    latest.current = job
  })

  useEffect(() => {
    const path = `/jobs/${encodeURIComponent(job.id)}/metrics`
    const stepMs = matchMedia('(prefers-reduced-motion: reduce)').matches ? CALM_STEP_MS : SECOND_MS
    const feed = createMetricFeed({
      jobId: job.id,
      subscribe: connection.subscribe,
      readMetrics: (signal) => request<JobMetrics>(path, { signal }),
      readData: (query, signal) =>
        request<MetricData>(`${path}/data`, { query: { ...query }, signal }),
      now: Date.now,
    })
    const loop = createDrawLoop({
      requestFrame: (callback) => requestAnimationFrame(callback),
      setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
      now: () => performance.now(),
    })
    const isRunning = (): boolean => !isFinal(latest.current.state)
    const timer = setInterval(() => isRunning() && loop.requestAll(), stepMs)
    setDeck({
      jobId: job.id,
      feed,
      loop,
      isRunning,
      whole(firstT = Number.POSITIVE_INFINITY, lastT = Number.NEGATIVE_INFINITY) {
        const { startedAt, createdAt, finishedAt } = latest.current
        // The right edge moves in whole steps, so that the picture stands still in between.
        const edge = isRunning() ? Math.ceil(feed.now() / stepMs) * stepMs : (finishedAt ?? lastT)
        const from = Math.min(startedAt ?? createdAt, firstT)
        return { from, to: Math.max(from, edge, lastT) }
      },
      lossMarks: () => feed.snapshot().status?.lossMarks.map(({ t }) => t) ?? [],
    })
    return () => {
      clearInterval(timer)
      feed.close()
      setDeck(undefined)
    }
  }, [connection, job.id])

  return deck
}

export function useFeedSnapshot({ feed }: ChartDeck): FeedSnapshot {
  return useSyncExternalStore(feed.onSnapshot, feed.snapshot)
}
