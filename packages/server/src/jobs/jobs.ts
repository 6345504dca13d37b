import {
  isFinal,
  MAX_JOB_METRICS,
  type JobPatch,
  type LogLine,
  type LogPage,
  type LogQuery,
  type NewJob,
} from '@plotline/api'
import { stat } from 'node:fs/promises'
import { jobNotFound, jobNotRunning, PlotlineError } from '../errors.ts'
import { isJobId, type JobId, type UnixMs } from '../units.ts'
import { openBytesMeter } from './bytes-meter.ts'
import type { Executor, JobEnd } from './executor.ts'
import { newJobId } from './job-id.ts'
import type { JobMetricsGate } from './job-metrics-gate.ts'
import type { JobListing, JobPage, JobStore } from './job-store.ts'
import type { Job } from './job.ts'
import { checkedNames, checkNewJob, type JobSpec } from './new-job.ts'
import { after, type JobEvent } from './states.ts'

export type JobNews =
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'deleted'; readonly id: JobId }

/** All that can be done with jobs. Every `id` is what a person typed: one that names no job is a JOB_NOT_FOUND. */
export interface Jobs {
  /** Stores the job and starts it; resolves at once, in state Pending. What is wrong with the request creates nothing. */
  submit(request: NewJob): Promise<Job>
  get(id: string): Promise<Job>
  list(listing: JobListing): Promise<JobPage>
  /** New name and tags; `customMetrics` are added to those declared. */
  patch(id: string, patch: JobPatch): Promise<Job>
  /** Resolves when nothing of it runs any more. */
  stop(id: string): Promise<Job>
  /** Submits a job with the same fields. */
  clone(id: string): Promise<Job>
  /** Stops it where it runs, then removes all of it. */
  delete(id: string): Promise<{ readonly bytesFreed: number }>
  /** At server start: adopts what runs, ends what never started, finishes deletions that were cut short. */
  resume(): Promise<void>
  /** What deleting the job would free. */
  bytesOf(id: JobId): Promise<number>
  readLog(id: string, query: LogQuery): Promise<LogPage>
  followLog(
    id: string,
    after: number,
    onLines: (lines: readonly LogLine[]) => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<void>
  logText(id: JobId): AsyncIterable<Uint8Array>
  /** Returns how to stop listening. */
  onChange(listener: (news: JobNews) => void): () => void
  /** Lets go of the jobs; they run on. */
  close(): Promise<void>
}

export interface JobsNeeds {
  readonly store: JobStore
  readonly executor: Executor
  readonly metrics: JobMetricsGate
  readonly clock: () => UnixMs
  readonly randomInt: (below: number) => number
}

export function openJobs({ store, executor, metrics, clock, randomInt }: JobsNeeds): Jobs {
  const listeners = new Set<(news: JobNews) => void>()
  /** Starts and deletions on their way, by job: a stop or a deletion waits for the start to be settled. */
  const starting = new Map<JobId, Promise<void>>()
  const deleting = new Map<JobId, Promise<{ bytesFreed: number }>>()
  /** Jobs whose end is awaited, until that is stored. */
  const watched = new Map<JobId, Promise<void>>()
  let isClosed = false
  const bytes = openBytesMeter(measure, clock)

  const tell = (news: JobNews): void => {
    for (const listener of listeners) listener(news)
  }

  /** Stores the event's effect; tells of it when there was one. */
  async function apply(id: JobId, event: JobEvent): Promise<Job | undefined> {
    return change(id, (job) => after(job, event))
  }

  async function change(id: JobId, how: (job: Job) => Job): Promise<Job | undefined> {
    let before: Job | undefined
    const job = await store.update(id, (found) => how((before = found)))
    if (job !== undefined && job !== before) tell({ type: 'job', job })
    return job
  }

  async function find(id: string): Promise<Job> {
    const job = isJobId(id) ? await store.get(id) : undefined
    if (job === undefined) throw jobNotFound(id)
    return job
  }

  async function create(spec: JobSpec, parentId: JobId | null): Promise<Job> {
    await requireWorkspace(spec.workspace)
    const { name, ...fields } = spec
    const job = await store.create((number) => ({
      ...fields,
      id: newJobId(randomInt),
      name: name ?? `job ${number}`,
      state: 'Pending',
      exitCode: null,
      error: null,
      parentId,
      createdAt: clock(),
      startedAt: null,
      finishedAt: null,
      statsdPort: null,
      stopRequested: false,
    }))
    tell({ type: 'job', job })
    const start = begin(job).finally(() => starting.delete(job.id))
    starting.set(job.id, start)
    return job
  }

  /** Opens the job's socket, starts its command, and sees to its end. */
  async function begin(job: Job): Promise<void> {
    try {
      const { statsdPort } = await metrics.open(job)
      const ready = await change(job.id, (found) => ({ ...found, statsdPort }))
      if (ready === undefined || ready.stopRequested)
        return await finish(job.id, notStarted('It was stopped before it started.'))
      const result = await executor.start(ready, { ...metrics.statsd, jobPort: statsdPort })
      if ('reason' in result) return await finish(job.id, notStarted(result.reason))
      await apply(job.id, { type: 'started', at: result.startedAt })
      watch(job.id)
    } catch (error) {
      await finish(job.id, notStarted(`The server could not start it: ${messageOf(error)}`))
    }
  }

  const notStarted = (reason: string): JobEnd => ({ kind: 'not-started', reason, at: clock() })

  function watch(id: JobId): void {
    if (watched.has(id)) return
    const end = executor
      .ended(id)
      .then((result) => (isClosed ? undefined : finish(id, result)))
      .finally(() => watched.delete(id))
    watched.set(id, end)
  }

  /** The last samples are stored before the job is seen to be over. */
  async function finish(id: JobId, end: JobEnd): Promise<void> {
    await metrics.end(id, end.at)
    await apply(id, { type: 'ended', end })
  }

  async function stop(id: JobId): Promise<void> {
    await apply(id, { type: 'stop-requested' })
    await starting.get(id)
    await executor.stop(id)
    await watched.get(id)
  }

  /** From the moment of `bury` nobody sees the job; each step can be done again, so a crash between them costs nothing. */
  async function remove(id: JobId): Promise<{ bytesFreed: number }> {
    await starting.get(id)
    await executor.stop(id)
    await watched.get(id)
    const bytesFreed = (await metrics.forget(id)) + (await executor.remove(id))
    await store.remove(id)
    return { bytesFreed }
  }

  return {
    async submit(request) {
      return create(checkNewJob(request), null)
    },
    get: find,
    list: (listing) => store.list(listing),
    async patch(id, patch) {
      const job = await find(id)
      const added = checkedNames(patch.customMetrics, 'changed')
      const changed = await change(job.id, (found) => patched(found, patch, added))
      if (changed === undefined) throw jobNotFound(id)
      if (added.length > 0 && !isFinal(changed.state)) await metrics.declare(job.id, added)
      return changed
    },
    async stop(id) {
      const job = await find(id)
      if (isFinal(job.state)) throw jobNotRunning(id, job.state)
      await stop(job.id)
      return find(id)
    },
    async clone(id) {
      const job = await find(id)
      return create({ ...job, name: job.name }, job.id)
    },
    async delete(id) {
      const job = await find(id)
      if (!(await store.bury(job.id))) throw jobNotFound(id)
      tell({ type: 'deleted', id: job.id })
      const removal = remove(job.id).finally(() => deleting.delete(job.id))
      deleting.set(job.id, removal)
      return removal
    },
    async resume() {
      for (const id of await store.buried()) await remove(id)
      for (const job of await store.inStates(['Pending', 'Running'])) await adopt(job)
    },
    bytesOf: (id) => bytes.of(id),
    readLog: async (id, query) => executor.readLog((await find(id)).id, query),
    followLog: async (id, line, onLines, signal) =>
      executor.followLog((await find(id)).id, line, onLines, signal),
    logText: (id) => executor.logText(id),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      isClosed = true
      await Promise.allSettled([...starting.values(), ...deleting.values()])
    },
  }

  async function measure(id: JobId): Promise<number> {
    const [files, samples] = await Promise.all([executor.bytesOf(id), metrics.bytesOf(id)])
    return files.log + files.workspace + files.artifacts + samples
  }

  async function adopt(job: Job): Promise<void> {
    if (job.state === 'Pending')
      return finish(job.id, notStarted('The server stopped before the job was started.'))
    const { statsdPort } = await metrics.open(job)
    await change(job.id, (found) =>
      found.statsdPort === statsdPort ? found : { ...found, statsdPort },
    )
    watch(job.id)
    if (job.stopRequested) void stop(job.id)
  }
}

async function requireWorkspace(workspace: string | null): Promise<void> {
  if (workspace === null) return
  const found = await stat(workspace).catch(() => undefined)
  if (found?.isDirectory()) return
  throw new PlotlineError(
    'WORKSPACE_NOT_FOUND',
    `The workspace "${workspace}" is not a folder on the server's host.`,
  )
}

function patched(job: Job, patch: JobPatch, added: Job['customMetrics']): Job {
  const customMetrics = [...new Set([...job.customMetrics, ...added])]
  if (customMetrics.length > MAX_JOB_METRICS)
    throw new PlotlineError(
      'TOO_MANY_METRICS',
      `A job can have up to ${MAX_JOB_METRICS} custom metrics. It would have ${customMetrics.length}.`,
    )
  return { ...job, name: patch.name ?? job.name, tags: patch.tags ?? job.tags, customMetrics }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
