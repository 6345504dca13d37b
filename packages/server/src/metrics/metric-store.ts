import type { MetricType } from '@plotline/api'
import type { MetricName } from '@plotline/wire'
import type { MessagePort } from 'node:worker_threads'
import type { JobId, UnixMs } from '../units.ts'
import type { BucketBatch, JobAccount } from './bucket-batch.ts'

export interface SeriesQuery {
  readonly jobId: JobId
  /** Order is kept; a name without samples yields no series. */
  readonly names: readonly MetricName[]
  /** Inclusive. */
  readonly from: UnixMs
  /** Exclusive. */
  readonly to: UnixMs
  /** Most buckets per series. The answer has at least a quarter of it where the data have that many points. */
  readonly maxPoints: number
  /** Width of the buckets, one that an answer had before, whatever `maxPoints`; 0: points as received. Absent: the finest that holds it. */
  readonly gridMs?: number
  readonly rate?: boolean
  /** Weight of the past in [0, 1) of a time-weighted moving average; absent: no such column. */
  readonly smooth?: number
}

/**
 * What the graph draws, oldest first. Buckets lie on a fixed grid (multiples of `gridMs` since 1970), so that a closed one never
 * changes from one read to the next: one that [from, to) only touches is given whole. `gridMs` 0 is the points as received.
 */
export interface Series {
  readonly name: MetricName
  readonly type: MetricType
  /** 0: read from the points as received; k: from stored buckets, coarser with k. */
  readonly level: number
  readonly gridMs: number
  readonly t: Float64Array
  /** Counter: last, min, max and mean of the running total since the job began. */
  readonly last: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
  readonly mean: Float64Array
  readonly count: Float64Array
  readonly estimated: Uint8Array
  /** Counter: increments a second over the bucket. Gauge: change a second. NaN where there is none. */
  readonly rate?: Float64Array
  readonly smooth?: Float64Array
}

/** One metric of a job over all its time. A counter's values are those of its running total. */
export interface SeriesSummary {
  readonly name: MetricName
  readonly type: MetricType
  readonly last: number
  /** What rounding took from a counter's `last`: the running total goes on from the exact sum of the two. 0 for gauges. */
  readonly carry: number
  readonly lastAt: UnixMs
  readonly firstAt: UnixMs
  readonly min: number
  readonly max: number
  /** Of the values; mean = sum / count. */
  readonly sum: number
  readonly count: number
}

/** What the store may still fill, as of now. */
export interface Room {
  readonly totalBytes: number
  readonly freeBytes: number
  /** Below it no samples should be taken: the rest is for what must not fail, deletions and the end of jobs. */
  readonly minFreeBytes: number
}

/** Something stored that could not be read; the rest is served. */
export interface Damage {
  /** The job whose data it is; another word where it concerns all. */
  readonly job: string
  readonly what: string
}

export interface StoredJob {
  readonly series: readonly SeriesSummary[]
  readonly account: JobAccount | undefined
}

/** Keeps the buckets of all jobs. One folder per implementation; all must pass metric-store.contract.ts. */
export interface MetricStore {
  /** The highest seq that was ever committed, 0 in a new store: the ingest clock starts above it. */
  lastSeq(): Promise<UnixMs>
  /**
   * Resolves when the batch survives a crash. Repeating a seq changes nothing. Buckets of a deleted job are dropped. The caller
   * gives `batch` away.
   */
  append(batch: BucketBatch): Promise<void>
  /** Takes appends of another thread from `port`, and tells it the room, so that ticks need not pass the main thread (see thread-call.ts). */
  appendFrom(port: MessagePort): void
  /**
   * `pending`: batches that may not be committed yet, in order; merged into the answer unless the store has their seq already.
   * A job without samples yields [].
   */
  read(
    query: SeriesQuery,
    pending: readonly BucketBatch[],
    signal?: AbortSignal,
  ): Promise<readonly Series[]>
  /** Every stored bucket in [from, to), oldest first within each series, in bounded pieces of one series each. */
  readAll(
    query: Pick<SeriesQuery, 'jobId' | 'names' | 'from' | 'to'>,
    pending: readonly BucketBatch[],
  ): AsyncIterable<Series>
  /** The whole job at a glance; also what ingest goes on from after a restart. */
  summarize(jobId: JobId, pending: readonly BucketBatch[]): Promise<StoredJob>
  /** Bytes that the job's metrics hold on disk. */
  bytesOf(jobId: JobId): Promise<number>
  /** Forgets the job's buckets and account for good and resolves to the bytes freed. Safe to repeat; works on a full disk. */
  deleteJob(jobId: JobId): Promise<number>
  /**
   * Writes all that is committed of the job as one file, which must not exist yet: for {@link adoptJob} of any store of this kind.
   * False, and no file, where the job has nothing. Others are served meanwhile.
   */
  copyJob(jobId: JobId, path: string): Promise<boolean>
  /**
   * Makes what {@link copyJob} wrote the job's metrics, in place of what it had; the file stays. BAD_ARCHIVE where it is no such
   * file, or not whole: then nothing has changed.
   */
  adoptJob(jobId: JobId, path: string): Promise<void>
  room(): Promise<Room>
  /** Gives up what it keeps back for a full disk; it is kept again by itself once there is room. */
  makeRoom(): Promise<void>
  /** What was found damaged since the store was opened. */
  damage(): Promise<readonly Damage[]>
  /** Commits what it holds and lets go of the files. */
  close(): Promise<void>
}
