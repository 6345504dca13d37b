import { setTimeout as delay } from 'node:timers/promises'
import { isStorageError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { JobId, UnixMs } from '../units.ts'
import type { Executor, Start } from './executor.ts'
import type { Job } from './job.ts'
import type { JobMetricsGate } from './job-metrics-gate.ts'
import type { Records } from './records.ts'
import { advance, type JobEvent } from './states.ts'

/** Jobs on their way from Pending to their end, which goes on behind the answer to a request. */
export interface Runs {
  /** Starts a job that was just created. */
  begin(job: Job): void
  /** Goes on with a job that an earlier server left Pending or Running; resolves before its end. */
  takeUp(job: Job): Promise<void>
  /** Resolves when the job is over, or nobody follows it. */
  over(id: JobId): Promise<void>
}

export interface RunsNeeds {
  readonly records: Records
  readonly executor: Executor
  readonly metrics: JobMetricsGate
  readonly clock: () => UnixMs
  readonly log: Logger
  /** From then on the store is gone; the next server takes the jobs up where this one left them. */
  readonly closing: AbortSignal
}

const RETRY_MS = 1000
const SERVER_STOPPED = 'The server stopped before the job was started.'

export function openRuns({ records, executor, metrics, clock, log, closing }: RunsNeeds): Runs {
  /** Of each job that is not over: resolves when it is. */
  const running = new Map<JobId, Promise<void>>()

  return {
    begin: (job) => watch(job.id, run(job)),
    takeUp: (job) => (job.state === 'Pending' ? findStarted(job) : adopt(job)),
    over: async (id) => running.get(id),
  }

  /** Keeps account of work on a job. */
  function watch(id: JobId, work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        if (!closing.aborted)
          log.error({ err: error, job: id }, 'a job could not be followed to its end')
      })
      .finally(() => {
        if (running.get(id) === done) running.delete(id)
      })
    running.set(id, done)
  }

  /** From Pending to the end. A job that is deleted on the way is undefined from then on, and its command stopped. */
  async function run(job: Job): Promise<void> {
    const { id } = job
    const started = await start(job)
    if (started !== undefined && started.kind !== 'started') return conclude(id, started)
    if (started === undefined) return
    const current = await records.change(id, (latest) => advance(latest, started))
    if (current === undefined || current.stopRequested) await executor.stop(id)
    await settle(id)
  }

  async function start(job: Job): Promise<JobEvent | undefined> {
    try {
      const { statsdPort } = await metrics.open(job)
      const current = await records.change(job.id, (latest) => ({ ...latest, statsdPort }))
      if (current === undefined) return undefined
      if (current.stopRequested) return notStarted('It was stopped before it started.')
      return startEvent(await executor.start(current, { ...metrics.statsd, jobPort: statsdPort }))
    } catch (error) {
      log.error({ err: error, job: job.id }, 'a job could not be started')
      const reason = error instanceof Error ? error.message : String(error)
      return notStarted(`The job could not be started: ${reason}`)
    }
  }

  function startEvent(result: Start): JobEvent {
    if ('reason' in result) return notStarted(result.reason)
    return { kind: 'started', at: result.startedAt }
  }

  function notStarted(reason: string): JobEvent {
    return { kind: 'not-started', reason, at: clock() }
  }

  /** The earlier server may have started the command without having come to write that down. */
  async function findStarted({ id }: Job): Promise<void> {
    const result = await executor.adopt(id)
    const event = result === undefined ? notStarted(SERVER_STOPPED) : startEvent(result)
    const job = await records.change(id, (latest) => advance(latest, event))
    if (job?.state === 'Running') await adopt(job)
  }

  async function adopt(job: Job): Promise<void> {
    try {
      const { statsdPort } = await metrics.open(job)
      await records.change(job.id, (latest) =>
        latest.statsdPort === statsdPort ? latest : { ...latest, statsdPort },
      )
    } catch (error) {
      log.error({ err: error, job: job.id }, 'the metrics of a running job could not be taken up')
    }
    watch(job.id, job.stopRequested ? stopThenSettle(job.id) : settle(job.id))
  }

  async function stopThenSettle(id: JobId): Promise<void> {
    await executor.stop(id)
    await settle(id)
  }

  async function settle(id: JobId): Promise<void> {
    await conclude(id, await executor.ended(id))
  }

  /** The final state comes after the last sample is stored: who sees a job over can read all of it. */
  async function conclude(id: JobId, end: JobEvent): Promise<void> {
    try {
      await metrics.end(id, end.at)
    } catch (error) {
      log.error({ err: error, job: id }, 'the last samples of a job could not be stored')
    }
    await persistently(id, () => records.change(id, (job) => advance(job, end)))
  }

  /** The end of a job must be written down some time; until the disk takes it, the job goes on being seen as it was. */
  async function persistently(id: JobId, write: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        return void (await write())
      } catch (error) {
        if (closing.aborted || !isStorageError(error)) throw error
        log.error({ err: error, job: id }, 'the end of a job cannot be written down: trying again')
        await delay(RETRY_MS)
      }
    }
  }
}
