import { mkdirSync, renameSync } from 'node:fs'
import type { BucketBatch } from '../../metrics/bucket-batch.ts'
import type { Damage, Room } from '../../metrics/metric-store.ts'
import { PlotlineError } from '../../errors.ts'
import type { JobId, UnixMs } from '../../units.ts'
import { unixMs } from '../../units.ts'
import { dropBallast, takeBallast } from './ballast.ts'
import { encodeTick } from './codec/tick-codec.ts'
import { openHotFile, type HotFile } from './hot-file.ts'
import { HOT } from './hot-rows.ts'
import { openJobFileWriter, type JobFileWriter } from './job-file-writer.ts'
import { MAX_OPEN_JOBS, OpenFiles } from './open-files.ts'
import { roomOf } from './room.ts'
import { isFull, storageFailed } from '../../sqlite/storage-failure.ts'
import { storeFailure } from './store-failure.ts'
import { readSealedMark, writeSealedMark } from './sealed-mark.ts'
import {
  ballastPath,
  bytesOfJob,
  emptyJobFile,
  hotPath,
  jobPath,
  removeJobFiles,
  sealedMarkPath,
  syncNames,
  syncRemoval,
} from './store-folder.ts'
import { TickSealer } from './tick-sealer.ts'

export interface StoreWriterOptions {
  readonly dataDir: string
  /** Most that hot.db may hold; appends fail beyond, as on a full disk. */
  readonly hotLimitBytes?: number
  /** Payloads of unsealed ticks at which `isSealDue` says yes. */
  readonly sealAtBytes?: number
  /** Payloads of ticks that sealing holds in memory. */
  readonly sealHeldBytes?: number
  /** Jobs whose files stay open, for writing and again for reading. */
  readonly maxOpenJobs?: number
  /** Kept free of samples. */
  readonly minFreeBytes?: number
  /** Room kept back for a full disk. */
  readonly ballastBytes?: number
}

const HOT_LIMIT_BYTES = 512 * 2 ** 20
const SEAL_AT_BYTES = 64 * 2 ** 20
const SEAL_HELD_BYTES = 16 * 2 ** 20
const BALLAST_BYTES = 4 * 2 ** 20
const MAX_DAMAGES = 1000

/** The only writer of a data folder's metrics. Every method but `seal` and `close` runs to its end at once. */
export class StoreWriter {
  readonly #dataDir: string
  readonly #hot: HotFile
  readonly #jobs: OpenFiles<JobFileWriter>
  readonly #sealAtBytes: number
  readonly #ballastBytes: number
  readonly #minFreeBytes: number | undefined
  readonly #sealer: TickSealer
  readonly #damages = new Map<string, Damage>()
  readonly #lookedAt = new Set<string>()
  /** Of this run: their batches may still arrive. */
  readonly #deleted: Set<string>
  #lastSeq: number
  #lastTick: number
  #sealedMark: number
  #hotBytes: number
  #needsVacuum: boolean
  #sealing: Promise<void> | undefined
  #deadline = (): boolean => false

  constructor(options: StoreWriterOptions) {
    const { dataDir, hotLimitBytes, sealAtBytes, ballastBytes, maxOpenJobs, minFreeBytes } = options
    this.#dataDir = dataDir
    this.#sealAtBytes = sealAtBytes ?? SEAL_AT_BYTES
    this.#ballastBytes = ballastBytes ?? BALLAST_BYTES
    this.#minFreeBytes = minFreeBytes
    this.#hot = this.#orStorageFailure(() => {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 })
      return openHotFile({
        path: hotPath(dataDir),
        limitBytes: hotLimitBytes ?? HOT_LIMIT_BYTES,
        report: (damage) => this.#report(damage),
      })
    })
    this.#jobs = new OpenFiles(maxOpenJobs ?? MAX_OPEN_JOBS, (job) =>
      openJobFileWriter(dataDir, job, (damage) => this.#report(damage)),
    )
    this.#sealer = new TickSealer({
      dataDir,
      heldBytes: options.sealHeldBytes ?? SEAL_HELD_BYTES,
      hot: this.#hot,
      jobs: this.#jobs,
      isDeleted: (job) => this.#deleted.has(job),
      lastSeq: () => this.#lastSeq,
      beforeSeal: (seq) => this.#markSealed(seq),
      report: (damage) => this.#report(damage),
    })
    this.#sealedMark = this.#readMark()
    this.#lastSeq = Math.max(this.#hot.lastSeq(), this.#sealedMark)
    this.#lastTick = this.#hot.newestTick()
    this.#hotBytes = this.#hot.sizeBytes()
    this.#deleted = new Set(this.#hot.deletedJobs())
    this.#needsVacuum = this.#deleted.size > 0
    // A crash may have come between the note and the unlink.
    for (const job of this.#deleted) removeJobFiles(dataDir, job)
    this.#keepBallast()
  }

  lastSeq(): UnixMs {
    return unixMs(this.#lastSeq)
  }

  isSealDue(): boolean {
    return this.#hotBytes >= this.#sealAtBytes
  }

  damage(): readonly Damage[] {
    return [...this.#damages.values(), ...this.#sealer.unwritable()]
  }

  room(): Room {
    return roomOf(this.#dataDir, this.#minFreeBytes)
  }

  makeRoom(): void {
    dropBallast(ballastPath(this.#dataDir))
  }

  append(batch: BucketBatch): void {
    if (batch.seq <= this.#lastSeq) return
    const payload = encodeTick(batch, this.#lastTick, (job) => this.#deleted.has(job))
    if (payload) {
      this.#orStorageFailure(() => this.#hot.append(batch.seq, payload))
      this.#lastTick = batch.seq
    }
    this.#lastSeq = batch.seq
    this.#hotBytes += payload?.length ?? 0
  }

  bytesOf(job: JobId): number {
    return bytesOfJob(this.#dataDir, job)
  }

  /** What was committed of the job, and its file, are void from now on; {@link deleteJob} makes their room free. */
  voidJob(job: JobId): void {
    this.#noteDeleted(job)
    this.#deleted.add(job)
    this.#needsVacuum = true
  }

  deleteJob(job: JobId): number {
    this.voidJob(job)
    return this.#orStorageFailure(() => {
      const bytes = this.bytesOf(job)
      this.#jobs.close(job)
      emptyJobFile(this.#dataDir, job)
      removeJobFiles(this.#dataDir, job)
      return bytes
    })
  }

  /** Makes the file at `path`, in the same folder, the job's metrics. What was committed of the job before is void. */
  async replaceFile(job: JobId, path: string): Promise<void> {
    this.voidJob(job)
    await this.#sealAllOfNow()
    this.#orStorageFailure(() => {
      this.#jobs.close(job)
      removeJobFiles(this.#dataDir, job)
      renameSync(path, jobPath(this.#dataDir, job))
      syncNames(this.#dataDir, job)
      // In its own folder the clock may have been ahead of ours.
      const file = this.#jobs.get(job)
      file.transaction(() => file.setSealedThrough(this.#lastSeq))
    })
    this.#deleted.delete(job)
  }

  /**
   * Looks whether `hot.db`, or the file of the job of this id, is damaged, and goes on with what can be read of it. That takes as long
   * as reading the file, so what was looked at is left alone until the next sealing, however often queries fail.
   */
  mend(file: string): void {
    if (this.#lookedAt.has(file)) return
    this.#lookedAt.add(file)
    this.#orStorageFailure(() => {
      if (file === HOT) this.#hot.check()
      else this.#sealer.mend(file)
    })
  }

  /** Moves what was committed so far into the jobs' files, in slices between which other calls are served. */
  seal(deadline: () => boolean = () => false): Promise<void> {
    this.#deadline = deadline
    this.#sealing ??= this.#sealAll().finally(() => {
      this.#sealing = undefined
    })
    return this.#sealing
  }

  /** All that was committed of the job is in its file then. */
  async sealJob(job: JobId): Promise<void> {
    await this.#sealAllOfNow()
    const failure = this.#sealer.unwritable().find((one) => one.job === job)
    if (failure) throw storageFailed(failure.what, this.#dataDir)
  }

  /** As {@link seal}, with all that was committed and noted by now: the sealing that is under way may have begun before. */
  async #sealAllOfNow(): Promise<void> {
    await this.seal()
    await this.seal()
  }

  /** Seals what it can until `deadline` says so; the rest stays safe in hot.db. */
  async close(deadline?: () => boolean): Promise<void> {
    try {
      await this.seal(deadline)
    } catch (error) {
      // On a full disk, say: it stays in hot.db as well.
      if (!(error instanceof PlotlineError)) throw error
    } finally {
      this.#jobs.closeAll()
      this.#hot.close()
    }
  }

  #readMark(): number {
    return this.#orStorageFailure(() => {
      const mark = readSealedMark(sealedMarkPath(this.#dataDir))
      if (mark === undefined) this.#report({ job: HOT, what: 'hot.sealed is damaged' })
      return mark ?? 0
    })
  }

  #markSealed(seq: number): void {
    if (seq <= this.#sealedMark) return
    writeSealedMark(sealedMarkPath(this.#dataDir), seq)
    this.#sealedMark = seq
  }

  async #sealAll(): Promise<void> {
    const through = this.#lastSeq
    this.#lookedAt.clear()
    try {
      const isDone = await this.#sealer.seal(through, () => this.#deadline())
      this.#hotBytes = this.#hot.sizeBytes()
      if (!isDone) return
      if (this.#needsVacuum) this.#forgetDeleted(through)
      this.#keepBallast()
    } catch (error) {
      throw storeFailure(error, this.#dataDir)
    }
  }

  #keepBallast(): void {
    const { freeBytes, minFreeBytes } = this.room()
    if (freeBytes > minFreeBytes + this.#ballastBytes)
      takeBallast(ballastPath(this.#dataDir), this.#ballastBytes)
  }

  #forgetDeleted(through: number): void {
    // The note is what deletes them again where a power cut brought them back.
    for (const job of this.#hot.deletedJobs()) syncRemoval(this.#dataDir, job)
    this.#hot.forgetDeleted(through)
    this.#hot.vacuum()
    // One that was deleted meanwhile has its turn next time.
    this.#needsVacuum = this.#hot.deletedJobs().length > 0
  }

  /** On a full disk the ballast makes room for the note. */
  #noteDeleted(job: string): void {
    try {
      this.#hot.markDeleted(job)
    } catch (error) {
      if (!isFull(error)) throw storeFailure(error, this.#dataDir)
      this.makeRoom()
      this.#orStorageFailure(() => this.#hot.markDeleted(job))
    }
  }

  #orStorageFailure<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw storeFailure(error, this.#dataDir)
    }
  }

  #report(damage: Damage): void {
    if (this.#damages.size < MAX_DAMAGES) this.#damages.set(`${damage.job} ${damage.what}`, damage)
  }
}
