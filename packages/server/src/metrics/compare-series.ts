import type { MetricName } from '@plotline/wire'
import { unixMs, type JobId, type UnixMs } from '../units.ts'
import type { Series, SeriesQuery } from './metric-store.ts'

export interface ComparedJob {
  readonly jobId: JobId
  /** Its time 0. */
  readonly origin: UnixMs
}

export interface CompareQuery extends Pick<SeriesQuery, 'maxPoints' | 'rate' | 'smooth'> {
  readonly jobs: readonly ComparedJob[]
  readonly names: readonly MetricName[]
  /** Ms since the origin, inclusive. */
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

export interface Compared {
  /** Of all series; 0: points as received. */
  readonly gridMs: number
  /**
   * `t` is ms since the origin. On a grid it is a multiple of `gridMs`, counted from the bucket that the origin lies in, so that
   * buckets of all jobs stand above each other; closed ones never change, as they are those of the store.
   */
  readonly series: readonly (Series & { readonly jobId: JobId })[]
}

type Read = (query: SeriesQuery) => Promise<readonly Series[]>
type JobSeries = readonly (Series & { readonly jobId: JobId })[]

/** Each series chooses its grid; where one needs a coarser, all are read again on that one. */
export async function compareSeries(read: Read, query: CompareQuery): Promise<Compared> {
  const chosen = await readJobs(read, query, undefined)
  const gridMs = Math.max(0, ...chosen.map((series) => series.gridMs))
  const isEven = chosen.every((series) => series.gridMs === gridMs)
  const series = isEven ? chosen : await readJobs(read, query, gridMs)
  const origins = new Map(query.jobs.map(({ jobId, origin }) => [jobId, origin]))
  return { gridMs, series: series.map((one) => sinceOrigin(one, origins.get(one.jobId) ?? 0)) }
}

async function readJobs(
  read: Read,
  { jobs, from, to, ...query }: CompareQuery,
  gridMs: number | undefined,
): Promise<JobSeries> {
  const all = await Promise.all(
    jobs.map(async ({ jobId, origin }) => {
      const range = { from: unixMs(origin + from), to: unixMs(origin + to) }
      const series = await read({
        ...query,
        ...range,
        jobId,
        ...(gridMs !== undefined && { gridMs }),
      })
      return series.map((one) => ({ ...one, jobId }))
    }),
  )
  return all.flat()
}

function sinceOrigin<S extends Series>(series: S, origin: number): S {
  const start = series.gridMs > 0 ? origin - (origin % series.gridMs) : origin
  return { ...series, t: series.t.map((t) => t - start) }
}
