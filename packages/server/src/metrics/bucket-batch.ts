import type { MetricType } from '@plotline/api'
import type { MetricName } from '@plotline/wire'
import type { JobId, UnixMs } from '../units.ts'

/** One metric of one job. Its type is that of its first accepted sample, for good. */
export interface SeriesKey {
  readonly jobId: JobId
  readonly name: MetricName
  readonly type: MetricType
}

/**
 * Points or buckets as columns of equal length, one entry per bucket. `count` 1 is a sample as it was received: then
 * last = min = max = sum.
 *
 * Gauge: last, min, max and sum of the values. Counter: the same of the running total *relative to the total before the
 * bucket*, so that `last` is the bucket's increment and a late sample moves all that follow it without rewriting it. Two
 * counter buckets a, b in order are one bucket with last = a.last + b.last, min = min(a.min, a.last + b.min), max likewise,
 * sum = a.sum + b.sum + b.count * a.last.
 */
export interface BucketColumns {
  readonly length: number
  /** Unix ms. A bucket of a whole second or of a coarser grid carries the start of it. */
  readonly t: Float64Array
  readonly last: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
  readonly sum: Float64Array
  readonly count: Float64Array
  /** 1: the time was estimated, since its client sends in batches. */
  readonly estimated: Uint8Array
}

/** What a job's ingest has counted so far: final values, each replaces the one before. Kept with the job's metrics. */
export interface JobAccount {
  readonly jobId: JobId
  readonly received: number
  readonly refused: Readonly<Record<string, RefusedCount>>
  readonly lost: { readonly kernel: number; readonly client: number }
  readonly lossMarks: readonly LossMark[]
  readonly batched: boolean
}

export interface RefusedCount {
  readonly count: number
  /** The latest such line, cut to 200 bytes, escaped. */
  readonly lastLine: string | null
  readonly hint?: string
}

export interface LossMark {
  readonly t: UnixMs
  /** `storage`: refused, since the store had no room. */
  readonly kind: 'kernel' | 'client' | 'overload' | 'storage'
  readonly count: number
}

/**
 * One tick: the buckets of all series that became final since the tick before, in order of arrival within a series. Buckets of
 * a series may lie before ones of an earlier tick (late and batched samples), and two may share a time: order of arrival then
 * decides, and they add up.
 */
export interface BucketBatch {
  /** Unix ms of the cut by the ingest clock, strictly ascending for the life of the data folder. A repeated seq is the same batch again. */
  readonly seq: UnixMs
  readonly series: readonly SeriesKey[]
  /** Bucket i belongs to series[seriesOf[i]]; buckets of one series stand together. */
  readonly seriesOf: Uint32Array
  readonly buckets: BucketColumns
  /** Accounts that changed since the tick before. */
  readonly accounts: readonly JobAccount[]
}
