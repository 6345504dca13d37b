import { isFinal, type JobBytes, type JobPatch, type NewJob } from '@plotline/api'
import type { Readable } from 'node:stream'
import { jobNotFound, jobNotRunning, PlotlineError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { isJobId, type JobId, type UnixMs } from '../units.ts'
import type { Archives } from './archive/archives.ts'
import { tidyScratch } from './archive/tidy-scratch.ts'
import { openDeletions, type Deletion } from './deletions.ts'
import type { Executor } from './executor.ts'
import type { Job } from './job.ts'
import { newJobId, type RandomBytes } from './job-id.ts'
import type { JobMetricsGate } from './job-metrics-gate.ts'
import type { JobListing, JobPage, JobStore } from './job-store.ts'
import { openLogs, type Logs } from './logs.ts'
import { newJob, readMetricNames, readNewJob, type JobRequest } from './new-job.ts'
import { openRecords, type JobsEvent } from './records.ts'
import { openRuns } from './runs.ts'
import { openSizes } from './sizes.ts'

/** All that can be done with jobs. Methods that take an id throw JOB_NOT_FOUND where there is no such job. */
export interface Jobs extends Logs {
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
  delete(id: string): Promise<Deletion>
  /** At the server's start, before anything else: takes up what an earlier server left. */
  resume(): Promise<void>
  /** Bytes on disk, as last measured. */
  bytesOf(job: Job): Promise<JobBytes>
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

export function openJobs(needs: JobsNeeds): Jobs {
  const { store, executor, metrics, clock, random, isFolder } = needs
  const closing = new AbortController()
  const records = openRecords(store)
  const sizes = openSizes(measure, clock)
  const runs = openRuns({ ...needs, records, closing: closing.signal })
  const deletions = openDeletions({ ...needs, records, runs, sizes, closing: closing.signal })
  let archives: Promise<Archives> | undefined

  return {
    submit: async (request) => submit(readNewJob(request), null),
    get: (id) => records.get(id),
    list: (listing) => store.list(listing),
    patch,
    stop,
    clone: async (id) => {
      const original = await records.get(id)
      return submit(original, original.id)
    },
    delete: async (id) => {
      if (!isJobId(id)) throw jobNotFound(id)
      return deletions.delete(id)
    },
    resume,
    bytesOf: (job) => sizes.of(job),
    ...openLogs(records, executor),
    pack: async (id, withSecrets) =>
      (await loadArchives()).pack(await records.get(id), withSecrets),
    unpack: async (source) => {
      const job = await (await loadArchives()).unpack(source, (id) => deletions.erase(id))
      records.tell({ type: 'job', job })
      return job
    },
    onChange: (listener) => records.onChange(listener),
    close: async () => {
      closing.abort()
      records.close()
    },
  }

  async function submit(request: JobRequest, parentId: JobId | null): Promise<Job> {
    if (request.workspace !== null && !(await isFolder(request.workspace)))
      throw workspaceNotFound(request.workspace)
    const id = newJobId(random)
    const job = await records.create((number) => newJob(id, number, request, parentId, clock()))
    runs.begin(job)
    return job
  }

  async function patch(id: string, { name, tags, customMetrics }: JobPatch): Promise<Job> {
    const added = readMetricNames(customMetrics, 'The job was not changed.')
    const job = await records.changeKnown(id, (latest) => ({
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
    const job = await records.changeKnown(id, (latest) =>
      isFinal(latest.state) || latest.stopRequested ? latest : { ...latest, stopRequested: true },
    )
    if (isFinal(job.state)) throw jobNotRunning(id, job.state)
    // Where the job is still being started this finds nothing to stop, and its run sees `stopRequested`.
    await executor.stop(job.id)
    await runs.over(job.id)
    return records.get(id)
  }

  async function resume(): Promise<void> {
    await tidyScratch(needs.scratchDir)
    for (const id of await store.buried()) deletions.takeUp(id)
    const left = await store.inStates(['Pending', 'Running'])
    await Promise.all(left.map((job) => runs.takeUp(job)))
  }

  async function measure(id: JobId): Promise<JobBytes> {
    const [{ log: logBytes, workspace, artifacts }, metricBytes] = await Promise.all([
      executor.bytesOf(id),
      metrics.bytesOf(id),
    ])
    const total = logBytes + workspace + artifacts + metricBytes
    return { metrics: metricBytes, log: logBytes, artifacts, workspace, total }
  }

  /** With the first use: tar files and their checks would cost every start of a server its time and memory. */
  function loadArchives(): Promise<Archives> {
    archives ??= import('./archive/archives.ts').then(({ openArchives }) => openArchives(needs))
    return archives
  }
}

const workspaceNotFound = (path: string): PlotlineError =>
  new PlotlineError(
    'WORKSPACE_NOT_FOUND',
    `The workspace "${path}" is not a folder on this host. Make it, or leave the workspace out for a folder of the job's own.`,
  )
