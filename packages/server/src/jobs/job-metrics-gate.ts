import type { MetricName } from '@plotline/wire'
import type { JobId, UnixMs } from '../units.ts'
import type { Job } from './job.ts'

/** What jobs need of the part that takes and keeps their samples. */
export interface JobMetricsGate {
  /** The shared StatsD socket. */
  readonly statsd: { readonly host: string; readonly port: number }
  /** Begins to take the job's samples; `job.statsdPort` is the port it had before the server restarted. Safe to repeat. */
  open(job: Job): Promise<{ readonly statsdPort: number }>
  declare(id: JobId, names: readonly MetricName[]): Promise<void>
  /** Resolves when the job's last sample is stored. Safe for a job that is not open. */
  end(id: JobId, at: UnixMs): Promise<void>
  /** Removes the job's metrics and resolves to the bytes freed. Safe to repeat. */
  forget(id: JobId): Promise<number>
  bytesOf(id: JobId): Promise<number>
  /** Writes all that was accepted for the job so far to a new file; false, and no file, where that is nothing. */
  copy(id: JobId, path: string): Promise<boolean>
  /** Makes what `copy` wrote, here or elsewhere, the metrics of a job that is over. BAD_ARCHIVE. */
  adopt(id: JobId, path: string): Promise<void>
}
