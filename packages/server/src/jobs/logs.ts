import { isFinal, type LogLine, type LogPage, type LogQuery } from '@plotline/api'
import type { JobId } from '../units.ts'
import type { Executor } from './executor.ts'
import type { Job } from './job.ts'
import type { JobsEvent, Records } from './records.ts'

/** What jobs said. All throw JOB_NOT_FOUND. */
export interface Logs {
  readLog(id: string, query: LogQuery): Promise<LogPage>
  /** Waits for the job to start, then as {@link Executor.followLog}. */
  followLog(
    id: string,
    after: number,
    onLines: (lines: readonly LogLine[]) => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<void>
  logText(id: string): Promise<AsyncIterable<Uint8Array>>
}

export function openLogs(records: Records, executor: Executor): Logs {
  return {
    readLog: async (id, query) => {
      // In this order: a job that is over has written all of its log.
      const job = await records.get(id)
      const page = await executor.readLog(job.id, query)
      return { ...page, complete: page.complete && isFinal(job.state) }
    },
    followLog: async (id, after, onLines, signal) => {
      const job = await records.get(id)
      await leavesPending(job.id, signal)
      if (!signal.aborted) await executor.followLog(job.id, after, onLines, signal)
    },
    logText: async (id) => executor.logText((await records.get(id)).id),
  }

  /** Resolves too when the job is gone, or `signal` aborts. */
  function leavesPending(id: JobId, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        stopListening()
        signal.removeEventListener('abort', settled)
        resolve()
      }
      const isStarted = (job: Job | undefined): boolean =>
        job === undefined || (job.id === id && job.state !== 'Pending')
      const stopListening = records.onChange((event: JobsEvent) => {
        if (event.type === 'deleted' ? event.id === id : isStarted(event.job)) settled()
      })
      signal.addEventListener('abort', settled)
      // Looked at after listening, so that no change falls between the two.
      records.find(id).then((job) => (isStarted(job) || signal.aborted) && settled(), reject)
    })
  }
}
