import type { JobChange } from '../metrics/ingest.ts'
import type { JobId } from '../units.ts'
import type { IngestClock } from './ingest-clock.ts'
import { statusOf, type TakenJob } from './taken-job.ts'

/** A job's changes are told at most so often. */
const CHANGE_MS = 250
/** A step of a program sends a datagram for each of its metrics: they are to be seen together. */
const GATHER_MS = 10

/** A job, when its changes were told, and when they will be. */
interface Told {
  readonly job: TakenJob
  at: number
  timer: NodeJS.Timeout | undefined
}

/** Tells what changed of the jobs that somebody watches. */
export class ChangeFeed {
  readonly #clock: IngestClock
  readonly #told = new Map<JobId, Told>()
  /** Jobs whose changes somebody waits for; those of the others would only cost. */
  readonly #watched = new Set<JobId>()
  readonly #listeners: ((change: JobChange) => void)[] = []

  constructor(clock: IngestClock) {
    this.#clock = clock
  }

  onChange(listener: (change: JobChange) => void): void {
    this.#listeners.push(listener)
  }

  add(job: TakenJob): void {
    this.#told.set(job.jobId, { job, at: 0, timer: undefined })
  }

  remove(jobId: JobId): void {
    clearTimeout(this.#told.get(jobId)?.timer)
    this.#told.delete(jobId)
  }

  /** What changed before is not told. */
  watch(jobId: JobId, isWatched: boolean): void {
    if (!isWatched) return void this.#watched.delete(jobId)
    const told = this.#told.get(jobId)
    if (told !== undefined && !this.#watched.has(jobId)) {
      told.job.aggregate.takeChanges()
      told.job.account.isTold = true
    }
    this.#watched.add(jobId)
  }

  /**
   * Hot path (bench/ingest-udp.mjs). The job is told of at once after a quiet time, else when the time has come. At once leaves
   * room for what comes in the same breath.
   */
  changed(jobId: JobId): void {
    const told = this.#told.get(jobId)
    if (told === undefined || told.timer !== undefined || !this.#watched.has(jobId)) return
    const dueInMs = told.at + CHANGE_MS - this.#clock.now()
    told.timer = setTimeout(() => this.#tell(told), Math.max(dueInMs, GATHER_MS))
  }

  /** Tells of the job now, whenever it was told of last. */
  flush(jobId: JobId): void {
    const told = this.#told.get(jobId)
    if (told !== undefined) this.#tell(told)
  }

  close(): void {
    for (const { timer } of this.#told.values()) clearTimeout(timer)
    this.#told.clear()
  }

  #tell(told: Told): void {
    const { jobId, account, aggregate } = told.job
    if (!this.#watched.has(jobId)) return
    clearTimeout(told.timer)
    told.timer = undefined
    const t = this.#clock.now()
    told.at = t
    const { series, reload } = aggregate.takeChanges()
    const isTold = account.isTold
    account.isTold = true
    if (series.length === 0 && isTold && !reload) return
    const status = isTold ? {} : { status: statusOf(told.job) }
    const change = { jobId, t, series, ...status, reload }
    for (const listener of this.#listeners) listener(change)
  }
}
