import { statSync } from 'node:fs'
import type { MetricName } from '@plotline/wire'
import type { BucketBatch, JobAccount } from '../../metrics/bucket-batch.ts'
import type { Damage, Series, SeriesQuery, StoredJob } from '../../metrics/metric-store.ts'
import type { JobId } from '../../units.ts'
import { accountOf } from './account-json.ts'
import { freshSeries, type FreshJob } from './codec/tick-codec.ts'
import { drawn } from './drawn-series.ts'
import { HOT } from './hot-rows.ts'
import { openHotTicks, type HotTicks } from './hot-ticks.ts'
import { openJobFile, type JobFile } from './job-file.ts'
import { NEW_GRIDS } from './levels.ts'
import { MAX_OPEN_JOBS, OpenFiles } from './open-files.ts'
import { joined, sortedByTime } from './points.ts'
import { pieceOf, type Piece, type PieceStart } from './series-piece.ts'
import type { SeriesView } from './series-view.ts'
import { storeFailure } from './store-failure.ts'
import { hotPath, jobPath } from './store-folder.ts'
import { summaryOf } from './summary.ts'

const MAX_DAMAGES = 1000

export interface StoreReaderOptions {
  readonly dataDir: string
  /** Jobs whose files stay open. */
  readonly maxOpenJobs?: number
}

/** What a query takes of a job beside the pending batches. */
export type Pending = readonly BucketBatch[]

/** Reads a data folder that a {@link StoreWriter} has made, over connections of its own that cannot write. */
export class StoreReader {
  readonly #dataDir: string
  #hot: { readonly inode: number | undefined; readonly ticks: HotTicks } | undefined
  readonly #jobs: OpenFiles<JobFile>
  readonly #inodes = new Map<string, number>()
  readonly #damages = new Map<string, Damage>()

  constructor({ dataDir, maxOpenJobs = MAX_OPEN_JOBS }: StoreReaderOptions) {
    this.#dataDir = dataDir
    const report = (damage: Damage): void => this.#report(damage)
    this.#jobs = new OpenFiles(maxOpenJobs, (job) =>
      openJobFile(jobPath(dataDir, job), job, report),
    )
  }

  damage(): readonly Damage[] {
    return Array.from(this.#damages.values())
  }

  /** One series of a query; undefined where it has nothing in the range. */
  readOne(query: SeriesQuery, name: MetricName, pending: Pending): Series | undefined {
    return this.#withJob(query.jobId, pending, (job) => {
      const view = job.view(name)
      return view && query.to > query.from ? drawn(view, query) : undefined
    })
  }

  /** The next bounded piece of a series as received. */
  readPiece(jobId: JobId, name: MetricName, start: PieceStart, pending: Pending): Piece {
    const nothing: Piece = { series: undefined, next: undefined }
    const piece = this.#withJob(jobId, pending, (job) => {
      const view = job.view(name)
      return view && pieceOf(view, start)
    })
    return piece ?? nothing
  }

  summarize(jobId: JobId, pending: Pending): StoredJob {
    const summary = this.#withJob(jobId, pending, (job) => ({
      series: job
        .names()
        .map((name) => job.view(name))
        .flatMap((view) => (view && summaryOf(view)) ?? []),
      account: job.account(),
    }))
    return summary ?? { series: [], account: undefined }
  }

  /** Lets go of a deleted job's file, so that its bytes are free. */
  forget(jobId: JobId): void {
    this.#jobs.close(jobId)
    this.#inodes.delete(jobId)
  }

  close(): void {
    this.#jobs.closeAll()
    this.#hot?.ticks.close()
  }

  /**
   * hot.db is looked at before the job's file: what was sealed and dropped between the two is in the file then, and what is in
   * both is known by `sealed_through`.
   */
  #withJob<T>(jobId: JobId, pending: Pending, read: (job: OpenJob) => T): T | undefined {
    const hot = this.#orFailure(HOT, () => {
      const ticks = this.#hotTicks()
      ticks.refresh()
      return { ticks, isDeleted: ticks.isDeleted(jobId), sealed: ticks.sealedThrough(jobId) }
    })
    if (hot.isDeleted) return undefined
    return this.#orFailure(jobId, () => {
      const file = this.#fileOf(jobId)
      const uncommitted = uncommittedOf(jobId, pending, hot.ticks.committed())
      if (!file) {
        if (hot.sealed > 0) this.#report({ job: jobId, what: 'metrics.db is missing' })
        return read(openJob(undefined, hot.ticks.freshOf(jobId, 0), uncommitted))
      }
      return file.inSnapshot(() => {
        // Where it is damaged, any of the ticks may be in the file: none is shown until the next are sealed.
        const sealedThrough = file.sealedThrough() ?? Infinity
        if (sealedThrough < hot.sealed)
          this.#report({ job: jobId, what: `metrics.db lacks what came after ${sealedThrough}` })
        return read(openJob(file, hot.ticks.freshOf(jobId, sealedThrough), uncommitted))
      })
    })
  }

  #orFailure<T>(file: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw storeFailure(error, this.#dataDir, file)
    }
  }

  /** Opened late, since the writer makes the file, on another thread; and again where it was mended. */
  #hotTicks(): HotTicks {
    const path = hotPath(this.#dataDir)
    const inode = statSync(path, { throwIfNoEntry: false })?.ino
    if (this.#hot?.inode === inode && this.#hot) return this.#hot.ticks
    this.#hot?.ticks.close()
    this.#hot = undefined
    const ticks = openHotTicks(path, (damage) => this.#report(damage))
    this.#hot = { inode, ticks }
    return ticks
  }

  #fileOf(jobId: JobId): JobFile | undefined {
    const inode = statSync(jobPath(this.#dataDir, jobId), { throwIfNoEntry: false })?.ino
    if (inode !== this.#inodes.get(jobId)) this.forget(jobId)
    if (inode === undefined) return undefined
    this.#inodes.set(jobId, inode)
    return this.#jobs.get(jobId)
  }

  #report(damage: Damage): void {
    if (this.#damages.size < MAX_DAMAGES) this.#damages.set(`${damage.job} ${damage.what}`, damage)
  }
}

function uncommittedOf(jobId: JobId, pending: Pending, committed: number): FreshJob {
  const fresh: FreshJob = { series: new Map(), account: '' }
  for (const batch of pending) if (batch.seq > committed) addBatch(fresh, jobId, batch)
  return fresh
}

function addBatch(fresh: FreshJob, jobId: JobId, batch: BucketBatch): void {
  for (let i = 0; i < batch.seriesOf.length; i++) {
    const key = batch.series[batch.seriesOf[i] ?? 0]
    if (key?.jobId !== jobId) continue
    freshSeries(fresh, key.name, key.type).points.append(batch.buckets, i, i + 1)
  }
  for (const account of batch.accounts)
    if (account.jobId === jobId) fresh.account = JSON.stringify(account)
}

/** A job's file, where it has one, and what is not in it yet. */
interface OpenJob {
  names(): readonly string[]
  view(name: string): SeriesView | undefined
  account(): JobAccount | undefined
}

/** `committed` and `uncommitted`: what is not in the file yet. */
function openJob(file: JobFile | undefined, committed: FreshJob, uncommitted: FreshJob): OpenJob {
  return {
    names: () => [
      ...new Set([
        ...(file?.series() ?? []).map(({ name }) => name),
        ...committed.series.keys(),
        ...uncommitted.series.keys(),
      ]),
    ],
    view(name) {
      const stored = file?.seriesNamed(name)
      const ticks = committed.series.get(name)
      const last = uncommitted.series.get(name)
      const type = stored?.type ?? ticks?.type ?? last?.type
      if (!type) return undefined
      return {
        name,
        type,
        stored: file && stored && { file, id: stored.id },
        grids: file?.grids ?? NEW_GRIDS,
        fresh: sortedByTime(
          joined([ticks, last].flatMap((part) => (part ? [part.points.finish()] : []))),
        ),
      }
    },
    account() {
      const json = uncommitted.account || committed.account || file?.account()
      return json ? accountOf(json) : undefined
    },
  }
}
