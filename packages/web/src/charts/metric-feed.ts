import type { JobMetrics, LiveMessage, MetricData, MetricSummary } from '@plotline/api'
import type { LiveTopic } from '../live/live-connection.ts'
import { createMetricTrack, type MetricTrack } from './metric-track.ts'
import type { TimeSpan } from './range.ts'

export type MetricsStatus = Omit<JobMetrics, 'metrics'>

/** What React shows of a job's metrics beside the charts. A new object only when something of it changed. */
export interface FeedSnapshot {
  readonly isLoaded: boolean
  readonly error: string | undefined
  readonly status: MetricsStatus | undefined
  /** Names that have at least one sample. */
  readonly sampled: ReadonlySet<string>
}

export interface MetricFeed {
  readonly snapshot: () => FeedSnapshot
  readonly onSnapshot: (listener: () => void) => () => void
  readonly track: (name: string) => MetricTrack
  /** Loads the metric's past and calls on every change of its points. */
  readonly watch: (name: string, onPoints: () => void) => () => void
  /** Asks for finer points of the span where there are any; they arrive as a change. */
  readonly refine: (name: string, span: TimeSpan, widthPx: number) => void
  /** The server's clock. */
  readonly now: () => number
  readonly close: () => void
}

export interface MetricFeedNeeds {
  readonly jobId: string
  readonly subscribe: (
    topic: () => LiveTopic,
    onMessage: (message: LiveMessage) => void,
  ) => () => void
  readonly readMetrics: (signal: AbortSignal) => Promise<JobMetrics>
  readonly readData: (query: DataRequest, signal: AbortSignal) => Promise<MetricData>
  readonly now: () => number
}

export interface DataRequest {
  readonly names: string
  readonly points: number
  readonly from?: number
  readonly to?: number
}

/** Points of a whole job: twice the pixels of a wide chart. */
const WHOLE_POINTS = 2000
/** A server that never speaks on the live line still answers reads. */
const LIVE_PATIENCE_MS = 1500
/** What a client holds for sure: the open second may still change. */
const OVERLAP_MS = 2000
/** A zoom by wheel or handle asks once it rests. */
const REFINE_DELAY_MS = 120
const RETRY_MS = 3000
const NAMES_PER_READ = 10

/**
 * Everything the page knows of one job's metrics. It listens first and reads the past after, so that nothing falls between;
 * points go from the message into typed arrays and from there into pixels, past React.
 */
export function createMetricFeed(needs: MetricFeedNeeds): MetricFeed {
  const { jobId, readData } = needs
  const tracks = new Map<string, MetricTrack>()
  const watchers = new Map<string, Set<() => void>>()
  const listeners = new Set<() => void>()
  const refining = new Map<string, AbortController>()
  const toLoad = new Set<string>()
  const closed = new AbortController()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  let isListening = false
  let isLoadPlanned = false
  let heldUntil: number | undefined
  let clockAheadMs = 0
  let current: FeedSnapshot = {
    isLoaded: false,
    error: undefined,
    status: undefined,
    sampled: new Set(),
  }

  const unsubscribe = needs.subscribe(
    () => ({
      topic: 'metrics',
      jobId,
      ...(heldUntil === undefined ? {} : { since: heldUntil - OVERLAP_MS }),
    }),
    receive,
  )
  after(LIVE_PATIENCE_MS, startReading)
  void loadSummaries()

  return {
    snapshot: () => current,
    onSnapshot(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    track: trackOf,
    watch(name, onPoints) {
      const watching = watchers.get(name) ?? new Set()
      if (watching.size === 0) plan(name)
      watchers.set(name, watching.add(onPoints))
      return () => watching.delete(onPoints)
    },
    refine,
    now: serverNow,
    close() {
      unsubscribe()
      closed.abort()
      for (const timer of timers) clearTimeout(timer)
    },
  }

  function receive(message: LiveMessage): void {
    if (message.type === 'error') return publish({ error: message.error.message })
    if (message.type !== 'metrics') return
    keepTime(message.t)
    for (const series of message.series) trackOf(series.name).applyLive(series)
    if (message.status !== undefined) publish({ status: message.status, isLoaded: true })
    noteSampled(message.series.map(({ summary }) => summary))
    startReading()
    if (message.reload === true) reload()
    for (const { name } of message.series) {
      if (trackOf(name).isOverfull()) plan(name)
      notify(name)
    }
  }

  function keepTime(t: number): void {
    heldUntil = Math.max(heldUntil ?? 0, t)
    const aheadMs = t - needs.now()
    // The message with the shortest way tells the clock best; a jump is a clock that was set.
    if (aheadMs > clockAheadMs || Math.abs(aheadMs - clockAheadMs) > 1000) clockAheadMs = aheadMs
  }

  function startReading(): void {
    if (isListening) return
    isListening = true
    loadPlanned()
  }

  function reload(): void {
    for (const track of tracks.values()) track.forgetDetail()
    for (const [name, watching] of watchers) if (watching.size > 0) plan(name)
  }

  async function loadSummaries(): Promise<void> {
    try {
      const { metrics, ...status } = await needs.readMetrics(closed.signal)
      for (const summary of metrics) trackOf(summary.name).setSummary(summary)
      publish({ status: current.status ?? status, isLoaded: true, error: undefined })
      noteSampled(metrics)
      for (const { name } of metrics) notify(name)
    } catch (error) {
      failed(error, () => void loadSummaries())
    }
  }

  /** Charts that come into view together are read together. */
  function plan(name: string): void {
    toLoad.add(name)
    if (isLoadPlanned || !isListening) return
    isLoadPlanned = true
    queueMicrotask(() => {
      isLoadPlanned = false
      loadPlanned()
    })
  }

  function loadPlanned(): void {
    const names = [...toLoad]
    toLoad.clear()
    for (let i = 0; i < names.length; i += NAMES_PER_READ)
      void loadWhole(names.slice(i, i + NAMES_PER_READ))
  }

  async function loadWhole(names: readonly string[]): Promise<void> {
    const readAt = serverNow()
    try {
      const query = { names: names.join(','), points: WHOLE_POINTS }
      const { series } = await readData(query, closed.signal)
      const byName = new Map(series.map((one) => [one.name, one]))
      for (const name of names) {
        trackOf(name).setWhole(byName.get(name), readAt)
        notify(name)
      }
      publish({ error: undefined })
    } catch (error) {
      failed(error, () => names.forEach(plan))
    }
  }

  function refine(name: string, span: TimeSpan, widthPx: number): void {
    const track = trackOf(name)
    refining.get(name)?.abort()
    refining.delete(name)
    if (!track.wantsDetail(span, widthPx)) return
    const asked = new AbortController()
    refining.set(name, asked)
    after(REFINE_DELAY_MS, () => {
      if (!asked.signal.aborted) void loadDetail(track, span, widthPx, asked.signal)
    })
  }

  async function loadDetail(
    track: MetricTrack,
    span: TimeSpan,
    widthPx: number,
    signal: AbortSignal,
  ): Promise<void> {
    const readAt = serverNow()
    const marginMs = (span.to - span.from) / 4
    const from = Math.max(0, Math.floor(span.from - marginMs))
    const reachesNow = span.to + marginMs >= readAt
    const to = reachesNow ? Number.POSITIVE_INFINITY : Math.ceil(span.to + marginMs)
    const query = { names: track.name, from, points: 3 * Math.ceil(widthPx) }
    try {
      const { series } = await readData(
        reachesNow ? query : { ...query, to },
        AbortSignal.any([signal, closed.signal]),
      )
      track.setDetail(series[0], { from, to }, readAt)
      notify(track.name)
    } catch {
      // The coarser points stay on screen; the next zoom asks again.
    }
  }

  function failed(error: unknown, again: () => void): void {
    if (closed.signal.aborted) return
    publish({ error: error instanceof Error ? error.message : String(error) })
    after(RETRY_MS, again)
  }

  function noteSampled(summaries: readonly MetricSummary[]): void {
    const fresh = summaries.filter(({ name, samples }) => samples > 0 && !current.sampled.has(name))
    if (fresh.length === 0) return
    publish({ sampled: new Set([...current.sampled, ...fresh.map(({ name }) => name)]) })
  }

  function publish(change: Partial<FeedSnapshot>): void {
    if ('error' in change && Object.keys(change).length === 1 && change.error === current.error)
      return
    current = { ...current, ...change }
    for (const listener of listeners) listener()
  }

  function notify(name: string): void {
    for (const onPoints of watchers.get(name) ?? []) onPoints()
  }

  function trackOf(name: string): MetricTrack {
    const known = tracks.get(name)
    if (known !== undefined) return known
    const track = createMetricTrack(name)
    tracks.set(name, track)
    return track
  }

  function serverNow(): number {
    return needs.now() + clockAheadMs
  }

  function after(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, delayMs)
    timers.add(timer)
  }
}
