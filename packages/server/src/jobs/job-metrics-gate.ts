import type { MetricName } from '@plotline/wire'
import type { JobId, UnixMs } from '../units.ts'
import type { Job } from './job.ts'

/** How a job's life reaches its metrics. Jobs know no more of metrics than this. */
export interface JobMetricsGate {
  /** The shared socket. */
  readonly statsd: { readonly host: string; readonly port: number }
  /** Before the job starts, and again when a new server adopts it: samples are taken from now on, also on a socket of its own. */
  open(job: Job): Promise<{ readonly statsdPort: number }>
  declare(id: JobId, names: readonly MetricName[]): Promise<void>
  /** Resolves when all that was received is stored. */
  end(id: JobId, at: UnixMs): Promise<void>
  /** Bytes that its samples hold on disk. */
  bytesOf(id: JobId): Promise<number>
  /** Forgets all samples; resolves to the bytes freed. Safe to repeat. */
  forget(id: JobId): Promise<number>
}
