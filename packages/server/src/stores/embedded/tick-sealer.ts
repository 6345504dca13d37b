import { mkdirSync, renameSync } from 'node:fs'
import { setImmediate as pause } from 'node:timers/promises'
import type { Damage } from '../../metrics/metric-store.ts'
import { sqliteFailure } from '../../sqlite/sqlite-failure.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { addSection, encodeSections, sectionsOfTick, type FreshJob } from './codec/tick-codec.ts'
import type { HotFile, Tick } from './hot-file.ts'
import type { JobFileWriter } from './job-file-writer.ts'
import type { OpenFiles } from './open-files.ts'
import { sealSeries } from './seal-series.ts'
import { isFull, isStorageFailure } from '../../sqlite/storage-failure.ts'
import { jobFolder, jobPath, sizeOf } from './store-folder.ts'

/** Ticks that one round of sealing holds in memory. */
const ROUND_BYTES = 16 * 2 ** 20

export interface TickSealerNeeds {
  readonly dataDir: string
  readonly hot: HotFile
  readonly jobs: OpenFiles<JobFileWriter>
  readonly isDeleted: (job: string) => boolean
  readonly report: (damage: Damage) => void
}

interface Section {
  readonly seq: number
  readonly bytes: Uint8Array
}

/** Moves ticks from hot.db into the jobs' files. */
export class TickSealer {
  readonly #needs: TickSealerNeeds

  constructor(needs: TickSealerNeeds) {
    this.#needs = needs
  }

  /**
   * All up to `through`, in slices between which others get the thread; false where `isTimeUp` came first. A job whose file
   * fails keeps its part of the ticks in hot.db, and does not hold up the others; a full disk is everybody's.
   */
  async seal(through: number, isTimeUp: () => boolean): Promise<boolean> {
    const { hot } = this.#needs
    for (let sealed = 0; ;) {
      const ticks = hot.ticks(sealed, through, ROUND_BYTES)
      const last = ticks.at(-1)
      if (!last) return true
      const failed = await this.#sealRound(ticks, isTimeUp)
      if (!failed) return false
      hot.drop(sealed, last.seq, failed.size > 0 ? this.#partsOf(ticks, failed) : [])
      sealed = last.seq
    }
  }

  /** The jobs whose files failed; undefined where the time was up before all had their turn. */
  async #sealRound(
    ticks: readonly Tick[],
    isTimeUp: () => boolean,
  ): Promise<ReadonlySet<string> | undefined> {
    const last = ticks.at(-1)?.seq ?? 0
    const failed = new Set<string>()
    for (const [job, sections] of this.#sectionsByJob(ticks)) {
      if (isTimeUp()) return undefined
      await pause()
      if (this.#needs.isDeleted(job)) continue
      if (!this.#isSealed(job, sections, last)) failed.add(job)
    }
    return failed
  }

  #sectionsByJob(ticks: readonly Tick[]): Map<string, Section[]> {
    const jobs = new Map<string, Section[]>()
    for (const { seq, payload } of ticks)
      this.#unlessDamaged('hot.db', () => {
        for (const [job, bytes] of sectionsOfTick(payload)) {
          const sections = jobs.get(job) ?? []
          sections.push({ seq, bytes })
          jobs.set(job, sections)
        }
      })
    return jobs
  }

  #isSealed(job: string, sections: readonly Section[], through: number): boolean {
    try {
      this.#sealJob(job, sections, through)
      return true
    } catch (error) {
      if (isFull(error) || !isStorageFailure(error)) throw error
      this.#needs.report({ job, what: `metrics.db cannot be written: ${String(error)}` })
      this.#needs.jobs.close(job)
      return false
    }
  }

  #sealJob(job: string, sections: readonly Section[], through: number): void {
    const file = this.#openFile(job)
    const sealedThrough = file.sealedThrough()
    const fresh: FreshJob = { series: new Map(), account: '' }
    for (const { seq, bytes } of sections)
      if (seq > sealedThrough) this.#unlessDamaged(job, () => addSection(fresh, bytes, seq))
    file.transaction(() => {
      for (const [name, { type, points }] of fresh.series)
        sealSeries(file, file.seriesNamed(name) ?? file.addSeries(name, type), points.finish())
      if (fresh.account) file.setAccount(fresh.account)
      file.setSealedThrough(through)
    })
  }

  /** A file that is no database any more is put aside, so that the job goes on with a new one. */
  #openFile(job: string): JobFileWriter {
    const { dataDir, jobs, report } = this.#needs
    const path = jobPath(dataDir, job)
    mkdirSync(jobFolder(dataDir, job), { recursive: true })
    try {
      // Whoever removed the file left us one that nobody will find again.
      if (sizeOf(path) === 0) jobs.close(job)
      return jobs.get(job)
    } catch (error) {
      if (sqliteFailure(error) !== 'corrupt') throw error
      renameSync(path, `${path}.damaged`)
      report({ job, what: `metrics.db is no database: ${String(error)}` })
      return jobs.get(job)
    }
  }

  /** What ticks hold of some jobs alone. */
  #partsOf(ticks: readonly Tick[], jobs: ReadonlySet<string>): Tick[] {
    const parts: Tick[] = []
    for (const { seq, payload } of ticks)
      this.#unlessDamaged('hot.db', () => {
        const sections = [...sectionsOfTick(payload)].filter(([job]) => jobs.has(job))
        if (sections.length > 0) parts.push({ seq, payload: encodeSections(new Map(sections)) })
      })
    return parts
  }

  #unlessDamaged(job: string, read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error
      this.#needs.report({ job, what: `a tick: ${error.message}` })
    }
  }
}
