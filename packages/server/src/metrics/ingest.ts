import type { IngestStop, MetricSummary, SamplesAccepted, UndeclaredMetric } from '@plotline/api'
import type { MetricName } from '@plotline/wire'
import type { JobId, UnixMs } from '../units.ts'
import type { BucketBatch, JobAccount, LossMark, RefusedCount } from './bucket-batch.ts'
import type { StoredJob } from './metric-store.ts'

export interface OpenJob {
  readonly jobId: JobId
  /** Names whose samples are stored; others are kept aside. */
  readonly declared: readonly MetricName[]
  /** Samples that name an earlier time are `late`. */
  readonly createdAt: UnixMs
  /** What the store holds of it already: running totals go on from here. */
  readonly stored: StoredJob
  /** The port that its own socket had before the server restarted: its clients still send there. */
  readonly statsdPort?: number
}

/** The last points of one metric. They replace whatever was known of it at and after `from`. */
export interface SeriesChange {
  readonly name: MetricName
  readonly type: 'counter' | 'gauge'
  readonly from: UnixMs
  readonly t: readonly number[]
  /** A counter's are running totals here, as drawn. */
  readonly last: readonly number[]
  readonly min: readonly number[]
  readonly max: readonly number[]
  readonly mean: readonly number[]
  readonly count: readonly number[]
  readonly estimated?: readonly number[]
  readonly summary: MetricSummary
}

/** What ingest knows of an open job beside its points. */
export interface JobStatus {
  readonly undeclared: readonly UndeclaredMetric[]
  readonly account: JobAccount
}

export interface JobChange {
  readonly jobId: JobId
  readonly t: UnixMs
  readonly series: readonly SeriesChange[]
  /** Present when it changed. */
  readonly status?: JobStatus
  /** Points before `from` changed too (late samples): a reader should read the range again. */
  readonly reload: boolean
}

export interface ServerAccount {
  /** Lines that belong to no known job, by reason. */
  readonly refused: Readonly<Record<string, RefusedCount>>
  /** Datagrams that the kernel dropped on the shared socket and all jobs' own. */
  readonly lost: { readonly kernel: number }
  readonly lossMarks: readonly LossMark[]
  readonly datagrams: number
  readonly samples: number
  /** Why no samples are taken at the moment; null while they are. */
  readonly stopped: IngestStop | null
  /** What the operator should know, each with its way out: a receive buffer smaller than asked for, say. */
  readonly warnings: readonly string[]
}

/** The thread that receives samples, as the rest of the server sees it. */
export interface Ingest {
  /** Where the shared socket listens. */
  readonly statsd: { readonly host: string; readonly port: number }
  /** Begins to take the job's samples and gives it a socket of its own. Safe to repeat. */
  open(job: OpenJob): Promise<{ readonly statsdPort: number }>
  /** Adds names; what was kept aside of them becomes part of the job's history with the next tick. */
  declare(jobId: JobId, names: readonly MetricName[]): Promise<void>
  /** Takes what is still in the sockets, then closes the job: resolves when its last tick is stored. Later samples are `job_ended`. */
  end(jobId: JobId, at: UnixMs): Promise<void>
  /** As `end`, but the job is gone: later samples are `unknown_job`. */
  forget(jobId: JobId): Promise<void>
  /** Jobs that ended before this server started, so that their samples are known as `job_ended`. */
  remember(ended: readonly JobId[]): Promise<void>
  /** StatsD lines that came by another way than UDP; their job is `jobId` whatever their tags say. STORAGE_FULL while none are taken. */
  accept(jobId: JobId, lines: Uint8Array): Promise<SamplesAccepted>
  /** Batches of this job that the store may not have committed yet, in order; the last is the open one. */
  pending(jobId: JobId): Promise<readonly BucketBatch[]>
  /** Resolves when all samples that were accepted so far are stored. */
  settle(): Promise<void>
  /** Undefined when the job is not open. */
  status(jobId: JobId): Promise<JobStatus | undefined>
  account(): Promise<ServerAccount>
  /** Whether changes of the job are told from now on. What changed before is not: ask {@link pending} and the store for it. */
  watch(jobId: JobId, isWatched: boolean): Promise<void>
  /** Of watched jobs, at most four times a second and job; at once after a quiet time. */
  onChange(listener: (change: JobChange) => void): void
  /** Takes what is still in the sockets and resolves when the last tick is stored. */
  close(): Promise<void>
}
