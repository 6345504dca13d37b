import type { LogLine, LogPage, LogQuery } from '@plotline/api'
import type { JobId, UnixMs } from '../units.ts'
import type { KeptFile } from './archive/kept-file.ts'
import type { Job } from './job.ts'

/** How a job's command came to its end. */
export type JobEnd =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly at: UnixMs }
  | { readonly kind: 'not-started'; readonly reason: string; readonly at: UnixMs }
  /** It ran when the machine or its shim died; nobody knows its exit code. */
  | { readonly kind: 'lost'; readonly reason: string; readonly at: UnixMs }

export interface StatsdAddress {
  readonly host: string
  /** The shared socket. */
  readonly port: number
  /** The job's own. */
  readonly jobPort: number
}

/** What became of a start: the command runs, or why it does not. */
export type Start =
  | { readonly startedAt: UnixMs }
  | { readonly reason: string; readonly code: 'not-started' }

/** Starts, watches and stops the commands of jobs. One folder per implementation; all must pass executor.contract.ts. */
export interface Executor {
  /** Resolves when the command runs, or with the reason why it could not be started. Never throws for a bad command. */
  start(job: Job, statsd: StatsdAddress): Promise<Start>
  /** What became of the start of a job that an earlier server was at; undefined where it had not come so far. */
  adopt(id: JobId): Promise<Start | undefined>
  /** Resolves once with the job's end, also for a job that an earlier server started and for one that is over already. */
  ended(id: JobId): Promise<JobEnd>
  /** Asks the whole process group to end (TERM), and kills it 10 s later. Resolves when nothing of it runs. Safe to repeat. */
  stop(id: JobId): Promise<void>
  /** A page of the log; an empty one where nothing was written. */
  readLog(id: JobId, query: LogQuery): Promise<LogPage>
  /** Lines after `after` as they come, until the job is over and all are told or `signal` aborts. Awaits the listener. */
  followLog(
    id: JobId,
    after: number,
    onLines: (lines: readonly LogLine[]) => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<void>
  /** The log as the job wrote it, both streams together. */
  logText(id: JobId): AsyncIterable<Uint8Array>
  /** Bytes on disk of the job's log, workspace and artifacts, models among these. */
  bytesOf(
    id: JobId,
  ): Promise<{ readonly log: number; readonly workspace: number; readonly artifacts: number }>
  /** All that it keeps of a job and that means something elsewhere too, folders before what is in them. */
  files(id: JobId): AsyncIterable<KeptFile>
  /** Moves what lies in the folder `from`, as {@link files} of any executor of this kind gave it, to where it keeps the job. BAD_ARCHIVE. */
  takeFiles(id: JobId, from: string): Promise<void>
  /** Removes all that it keeps of a job that does not run; resolves to the bytes freed. Safe to repeat. */
  remove(id: JobId): Promise<number>
  close(): Promise<void>
}
