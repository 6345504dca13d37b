import type { LiveSeries, MetricSummary } from '@plotline/api'
import type { Job } from '../jobs/job.ts'
import { unixMs, type JobId, type UnixMs } from '../units.ts'
import type { Ingest, JobChange, SeriesChange } from './ingest.ts'
import { statusJson, type MetricReader } from './job-metrics.ts'
import type { Series } from './metric-store.ts'
import { plainColumns } from './plain-columns.ts'

/** Most points a metric that a resumed reader is sent; beyond it, it is told to read the range again. */
const MAX_RESUME_POINTS = 5000

export interface LiveUpdate {
  readonly jobId: JobId
  readonly t: UnixMs
  readonly series: readonly LiveSeries[]
  readonly status?: ReturnType<typeof statusJson>
  readonly reload?: boolean
}

/** Hands what ingest tells of a job to all who watch it. */
export interface LiveHub {
  /** Every change of the job from now on. Returns how to stop. */
  watch(jobId: JobId, listener: (update: LiveUpdate) => void): () => void
  /** What a reader that holds all before `since` must add to be up to date. Watch first, then ask, and nothing is missed. */
  catchUp(job: Job, since: UnixMs | undefined, now: UnixMs): Promise<LiveUpdate>
}

export function openLiveHub(ingest: Ingest, reader: MetricReader): LiveHub {
  const watchers = new Map<JobId, Set<(update: LiveUpdate) => void>>()

  ingest.onChange((change) => {
    const listeners = watchers.get(change.jobId)
    if (listeners === undefined) return
    const update = liveUpdate(change)
    for (const listener of listeners) listener(update)
  })

  return {
    watch(jobId, listener) {
      const listeners = watchers.get(jobId) ?? new Set()
      if (listeners.size === 0) void ingest.watch(jobId, true)
      watchers.set(jobId, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || watchers.get(jobId) !== listeners) return
        watchers.delete(jobId)
        void ingest.watch(jobId, false)
      }
    },
    catchUp: (job, since, now) => catchUp(reader, job, since, now),
  }
}

async function catchUp(
  reader: MetricReader,
  job: Job,
  since: UnixMs | undefined,
  now: UnixMs,
): Promise<LiveUpdate> {
  const { metrics, ...status } = await reader.describe(job)
  if (since === undefined) return { jobId: job.id, t: now, series: [], status }

  const names = job.customMetrics
  const to = unixMs(Number.MAX_SAFE_INTEGER)
  const series = await reader.read({
    jobId: job.id,
    names,
    from: since,
    to,
    maxPoints: MAX_RESUME_POINTS,
  })
  if (series.some((one) => one.gridMs > 0))
    return { jobId: job.id, t: now, series: [], status, reload: true }
  const summaries = new Map(metrics.map((summary) => [summary.name, summary]))
  return {
    jobId: job.id,
    t: now,
    series: series.flatMap((one) => resumed(one, since, summaries)),
    status,
  }
}

function resumed(
  series: Series,
  since: UnixMs,
  summaries: ReadonlyMap<string, MetricSummary>,
): LiveSeries[] {
  const summary = summaries.get(series.name)
  if (summary === undefined) return []
  const { name, type } = series
  return [{ name, type, from: since, ...plainColumns(series), summary }]
}

function liveUpdate({ jobId, t, series, status, reload }: JobChange): LiveUpdate {
  return {
    jobId,
    t,
    series: series.map(liveSeries),
    ...(status && { status: statusJson(status) }),
    ...(reload && { reload }),
  }
}

const liveSeries = ({ name, type, from, summary, ...columns }: SeriesChange): LiveSeries => ({
  name,
  type,
  from,
  ...plainColumns(columns),
  summary,
})
