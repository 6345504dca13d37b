import {
  isFinal,
  type JobBytes,
  type JobPatch,
  type LogLine,
  type LogPage,
  type LogQuery,
  type NewJob,
} from '@plotline/api'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { isStorageError, jobNotFound, jobNotRunning, PlotlineError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { isJobId, type JobId, type UnixMs } from '../units.ts'
import type { Archives } from './archive/archives.ts'
import { tidyScratch } from './archive/tidy-scratch.ts'
import type { Executor, Start } from './executor.ts'
import type { Job } from './job.ts'
import { newJobId, type RandomBytes } from './job-id.ts'
import type { JobMetricsGate } from './job-metrics-gate.ts'
import type { JobListing, JobPage, JobStore } from './job-store.ts'
import { readMetricNames, readNewJob, type JobRequest } from './new-job.ts'
import { openSizes } from './sizes.ts'
import { advance, type JobEvent } from './states.ts'

export type JobsEvent =
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'deleted'; readonly id: JobId }

/** All that can be done with jobs. Methods that take an id throw JOB_NOT_FOUND where there is no such job. */
export interface Jobs {
  /** Checks the request, stores the job as Pending and starts it; resolves before its command runs. */
  submit(request: NewJob): Promise<Job>
  get(id: string): Promise<Job>
  list(listing: JobListing): Promise<JobPage>
  /** Changes name and tags, adds metrics. */
  patch(id: string, patch: JobPatch): Promise<Job>
  /** Resolves when nothing of the job runs any more. JOB_NOT_RUNNING when it was over before. */
  stop(id: string): Promise<Job>
  /** Submits the same once more. */
  clone(id: string): Promise<Job>
  /** The job is gone for readers at once; resolves when its bytes are free. What a crash cuts short, `resume` finishes. */
  delete(id: string): Promise<{ readonly bytesFreed: number }>
  /** At the server's start, before anything else: takes up what an earlier server left. */
  resume(): Promise<void>
  /** Bytes on disk, as last measured. */
  bytesOf(job: Job): Promise<JobBytes>
  readLog(id: string, query: LogQuery): Promise<LogPage>
  /** Waits for the job to start, then as {@link Executor.followLog}. */
  followLog(
    id: string,
    after: number,
    onLines: (lines: readonly LogLine[]) => Promise<void> | void,
    signal: AbortSignal,
  ): Promise<void>
  logText(id: string): Promise<AsyncIterable<Uint8Array>>
  /** The whole job as an archive; without the values of its secret variables unless they are asked for. */
  pack(id: string, withSecrets: boolean): Promise<Readable>
  /** Takes in what {@link pack} gave on any server. JOB_EXISTS, BAD_ARCHIVE, STORAGE_FULL. */
  unpack(source: AsyncIterable<Uint8Array>): Promise<Job>
  /** Returns the way to stop listening. */
  onChange(listener: (event: JobsEvent) => void): () => void
  /** Lets go of the jobs; they run on. */
  close(): Promise<void>
}

export interface JobsNeeds {
  readonly store: JobStore
  readonly executor: Executor
  readonly metrics: JobMetricsGate
  readonly clock: () => UnixMs
  readonly random: RandomBytes
  /** Of its own, on the disk of the data: for what is under way. */
  readonly scratchDir: string
  /** Whether a job's command could have this path as its working directory. */
  readonly isFolder: (path: string) => Promise<boolean>
  readonly log: Logger
}

const RETRY_MS = 1000
const SERVER_STOPPED = 'The server stopped before the job was started.'

export function openJobs(needs: JobsNeeds): Jobs {
  const { store, executor, metrics, clock, random, isFolder, log } = needs
  const listeners = new Set<(event: JobsEvent) => void>()
  /** Of each job that is not over: resolves when it is. */
  const running = new Map<JobId, Promise<void>>()
  const deletions = new Map<JobId, Promise<{ readonly bytesFreed: number }>>()
  const sizes = openSizes(measure, clock)
  let archives: Promise<Archives> | undefined
  let closed = false

  return {
    submit: async (request) => submit(readNewJob(request), null),
    get,
    list: (listing) => store.list(listing),
    patch,
    stop,
    clone: async (id) => {
      const original = await get(id)
      return submit(original, original.id)
    },
    delete: remove,
    resume,
    bytesOf: (job) => sizes.of(job),
    readLog,
    followLog,
    logText: async (id) => executor.logText((await get(id)).id),
    pack: async (id, withSecrets) => (await loadArchives()).pack(await get(id), withSecrets),
    unpack: async (source) => {
      const job = await (await loadArchives()).unpack(source, erase)
      tell({ type: 'job', job })
      return job
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {
      closed = true
      listeners.clear()
    },
  }

  /** With the first use: tar files and their checks would cost every start of a server its time and memory. */
  function loadArchives(): Promise<Archives> {
    archives ??= import('./archive/archives.ts').then(({ openArchives }) => openArchives(needs))
    return archives
  }

  async function submit(request: JobRequest, parentId: JobId | null): Promise<Job> {
    if (request.workspace !== null && !(await isFolder(request.workspace)))
      throw workspaceNotFound(request.workspace)
    const id = newJobId(random)
    const job = await store.create((number) => newJob(id, number, request, parentId, clock()))
    tell({ type: 'job', job })
    watch(id, run(job))
    return job
  }

  /** From Pending to the end. A job that is deleted on the way is undefined from then on, and its command stopped. */
  async function run(job: Job): Promise<void> {
    const { id } = job
    const started = await start(job)
    if (started !== undefined && started.kind !== 'started') return conclude(id, started)
    if (started === undefined) return
    const current = await change(id, (latest) => advance(latest, started))
    if (current === undefined || current.stopRequested) await executor.stop(id)
    await settle(id)
  }

  async function start(job: Job): Promise<JobEvent | undefined> {
    try {
      const { statsdPort } = await metrics.open(job)
      const current = await change(job.id, (latest) => ({ ...latest, statsdPort }))
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
    await persistently(id, () => change(id, (job) => advance(job, end)))
  }

  /** The end of a job must be written down some time; until the disk takes it, the job goes on being seen as it was. */
  async function persistently(id: JobId, write: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        return void (await write())
      } catch (error) {
        if (closed || !isStorageError(error)) throw error
        log.error({ err: error, job: id }, 'the end of a job cannot be written down: trying again')
        await delay(RETRY_MS)
      }
    }
  }

  /** Keeps account of work on a job that goes on behind the answer to a request. */
  function watch(id: JobId, work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => {
        // After close the store is gone; the next server takes the job up where this one left it.
        if (!closed) log.error({ err: error, job: id }, 'a job could not be followed to its end')
      })
      .finally(() => {
        if (running.get(id) === done) running.delete(id)
      })
    running.set(id, done)
  }

  async function get(id: string): Promise<Job> {
    const job = isJobId(id) ? await store.get(id) : undefined
    if (job === undefined) throw jobNotFound(id)
    return job
  }

  async function patch(id: string, { name, tags, customMetrics }: JobPatch): Promise<Job> {
    const added = readMetricNames(customMetrics, 'The job was not changed.')
    const job = await changeKnown(id, (latest) => ({
      ...latest,
      name: name ?? latest.name,
      tags: tags === undefined ? latest.tags : [...new Set(tags)],
      customMetrics: readMetricNames(
        [...latest.customMetrics, ...added],
        'The job was not changed.',
      ),
    }))
    if (added.length > 0 && !isFinal(job.state)) await metrics.declare(job.id, job.customMetrics)
    return job
  }

  async function stop(id: string): Promise<Job> {
    const job = await changeKnown(id, (latest) =>
      isFinal(latest.state) || latest.stopRequested ? latest : { ...latest, stopRequested: true },
    )
    if (isFinal(job.state)) throw jobNotRunning(id, job.state)
    // Where the job is still being started this finds nothing to stop, and `run` sees `stopRequested`.
    await executor.stop(job.id)
    await running.get(job.id)
    return get(id)
  }

  function remove(id: string): Promise<{ readonly bytesFreed: number }> {
    if (!isJobId(id)) return Promise.reject(jobNotFound(id))
    return deletions.get(id) ?? deleteOnce(id, () => buryThenErase(id))
  }

  /** A second request for the same deletion gets the answer of the first. */
  function deleteOnce(
    id: JobId,
    work: () => Promise<{ readonly bytesFreed: number }>,
  ): Promise<{ readonly bytesFreed: number }> {
    const deletion = work().finally(() => deletions.delete(id))
    deletions.set(id, deletion)
    return deletion
  }

  async function buryThenErase(id: JobId): Promise<{ readonly bytesFreed: number }> {
    if (!(await store.bury(id))) throw jobNotFound(id)
    tell({ type: 'deleted', id })
    return erase(id)
  }

  async function erase(id: JobId): Promise<{ readonly bytesFreed: number }> {
    await executor.stop(id)
    // Before the job is waited for: on a full disk its last samples may wait for the room that this makes.
    const metricBytes = await metrics.forget(id)
    await running.get(id)
    const lateBytes = await metrics.forget(id)
    const otherBytes = await executor.remove(id)
    await store.remove(id)
    sizes.forget(id)
    return { bytesFreed: metricBytes + lateBytes + otherBytes }
  }

  async function resume(): Promise<void> {
    await tidyScratch(needs.scratchDir)
    for (const id of await store.buried())
      deleteOnce(id, () => erase(id)).catch((error: unknown) => {
        if (!closed) log.error({ err: error, job: id }, 'a deletion could not be finished')
      })
    const left = await store.inStates(['Pending', 'Running'])
    await Promise.all(left.map((job) => (job.state === 'Pending' ? takeUp(job) : adopt(job))))
  }

  /** The earlier server may have started the command without having come to write that down. */
  async function takeUp({ id }: Job): Promise<void> {
    const result = await executor.adopt(id)
    const event = result === undefined ? notStarted(SERVER_STOPPED) : startEvent(result)
    const job = await change(id, (latest) => advance(latest, event))
    if (job?.state === 'Running') await adopt(job)
  }

  async function adopt(job: Job): Promise<void> {
    try {
      const { statsdPort } = await metrics.open(job)
      await change(job.id, (latest) =>
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

  async function readLog(id: string, query: LogQuery): Promise<LogPage> {
    // In this order: a job that is over has written all of its log.
    const job = await get(id)
    const page = await executor.readLog(job.id, query)
    return { ...page, complete: page.complete && isFinal(job.state) }
  }

  async function followLog(
    ...[id, after, onLines, signal]: Parameters<Jobs['followLog']>
  ): Promise<void> {
    const job = await get(id)
    await leavesPending(job.id, signal)
    if (!signal.aborted) await executor.followLog(job.id, after, onLines, signal)
  }

  function leavesPending(id: JobId, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        listeners.delete(listener)
        signal.removeEventListener('abort', settled)
        resolve()
      }
      const listener = (event: JobsEvent): void => {
        if (event.type === 'deleted' ? event.id === id : isStarted(event.job)) settled()
      }
      const isStarted = (job: Job | undefined): boolean =>
        job === undefined || (job.id === id && job.state !== 'Pending')
      listeners.add(listener)
      signal.addEventListener('abort', settled)
      // Looked at after listening, so that no change falls between the two.
      store.get(id).then((job) => (isStarted(job) || signal.aborted) && settled(), reject)
    })
  }

  async function measure(id: JobId): Promise<JobBytes> {
    const [{ log: logBytes, workspace, artifacts }, metricBytes] = await Promise.all([
      executor.bytesOf(id),
      metrics.bytesOf(id),
    ])
    const total = logBytes + workspace + artifacts + metricBytes
    return { metrics: metricBytes, log: logBytes, artifacts, workspace, total }
  }

  /** As store.update, and tells the listeners when something changed. */
  async function change(id: JobId, to: (job: Job) => Job): Promise<Job | undefined> {
    let changed = false
    const job = await store.update(id, (latest) => {
      const next = to(latest)
      changed = next !== latest
      return next
    })
    if (job !== undefined && changed) tell({ type: 'job', job })
    return job
  }

  async function changeKnown(id: string, to: (job: Job) => Job): Promise<Job> {
    const job = isJobId(id) ? await change(id, to) : undefined
    if (job === undefined) throw jobNotFound(id)
    return job
  }

  function tell(event: JobsEvent): void {
    for (const listener of listeners) listener(event)
  }
}

function newJob(
  id: JobId,
  number: number,
  request: JobRequest,
  parentId: JobId | null,
  createdAt: UnixMs,
): Job {
  return {
    id,
    name: request.name ?? `job ${number}`,
    project: request.project,
    state: 'Pending',
    exitCode: null,
    error: null,
    command: request.command,
    container: request.container,
    workspace: request.workspace,
    env: request.env,
    secrets: request.secrets,
    customMetrics: request.customMetrics,
    tags: request.tags,
    parentId,
    createdAt,
    startedAt: null,
    finishedAt: null,
    statsdPort: null,
    stopRequested: false,
  }
}

const workspaceNotFound = (path: string): PlotlineError =>
  new PlotlineError(
    'WORKSPACE_NOT_FOUND',
    `The workspace "${path}" is not a folder on this host. Make it, or leave the workspace out for a folder of the job's own.`,
  )
