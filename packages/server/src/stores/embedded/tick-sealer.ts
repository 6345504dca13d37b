import { mkdirSync } from 'node:fs'
import { setImmediate as pause } from 'node:timers/promises'
import type { Damage } from '../../metrics/metric-store.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { addSection, encodeSections, sectionsOfTick, type FreshJob } from './codec/tick-codec.ts'
import type { HotFile, Tick } from './hot-file.ts'
import { HOT } from './hot-rows.ts'
import { mendJobFile } from './job-file-mend.ts'
import type { JobFileWriter } from './job-file-writer.ts'
import type { OpenFiles } from './open-files.ts'
import { sealSeries } from './seal-series.ts'
import { isFull } from '../../sqlite/storage-failure.ts'
import { isStoreFailure, mayBeDamaged } from './store-failure.ts'
import { jobFolder, jobPath, sizeOf } from './store-folder.ts'

/** Ticks that one round of sealing holds in memory. */
const ROUND_BYTES = 16 * 2 ** 20

export interface TickSealerNeeds {
  readonly dataDir: string
  readonly hot: HotFile
  readonly jobs: OpenFiles<JobFileWriter>
  readonly isDeleted: (job: string) => boolean
  /** Before any job's file is sealed through `seq`. */
  readonly beforeSeal: (seq: number) => void
  /** The highest seq committed. */
  readonly lastSeq: () => number
  readonly report: (damage: Damage) => void
}

interface Section {
  readonly seq: number
  readonly bytes: Uint8Array
}

/** Moves ticks from hot.db into the jobs' files. */
export class TickSealer {
  readonly #needs: TickSealerNeeds
  /** Jobs whose files could not be written the last time. */
  readonly #unwritable = new Map<string, Damage>()

  constructor(needs: TickSealerNeeds) {
    this.#needs = needs
  }

  /** Told while it lasts: nothing is lost by it. */
  unwritable(): readonly Damage[] {
    return Array.from(this.#unwritable.values())
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
      this.#needs.beforeSeal(last.seq)
      const round = await this.#sealRound(ticks, isTimeUp)
      if (!round) return false
      const { failed, done } = round
      hot.drop(sealed, last.seq, failed.size > 0 ? this.#partsOf(ticks, failed) : [], done)
      sealed = last.seq
    }
  }

  /** Jobs by how it went with their files; undefined where the time was up before all had their turn. */
  async #sealRound(
    ticks: readonly Tick[],
    isTimeUp: () => boolean,
  ): Promise<{ failed: ReadonlySet<string>; done: readonly string[] } | undefined> {
    const last = ticks.at(-1)?.seq ?? 0
    const failed = new Set<string>()
    const done: string[] = []
    for (const [job, sections] of this.#sectionsByJob(ticks)) {
      if (isTimeUp()) return undefined
      await pause()
      this.#unwritable.delete(job)
      if (this.#needs.isDeleted(job)) continue
      if (this.#isSealed(job, sections, last)) done.push(job)
      else failed.add(job)
    }
    return { failed, done }
  }

  #sectionsByJob(ticks: readonly Tick[]): Map<string, Section[]> {
    const jobs = new Map<string, Section[]>()
    for (const { seq, payload } of ticks)
      this.#unlessDamaged(HOT, seq, () => {
        for (const [job, bytes] of sectionsOfTick(payload, seq).sections) {
          const sections = jobs.get(job) ?? []
          sections.push({ seq, bytes })
          jobs.set(job, sections)
        }
      })
    return jobs
  }

  #isSealed(job: string, sections: readonly Section[], through: number): boolean {
    try {
      this.#sealOrMend(job, sections, through)
      return true
    } catch (error) {
      if (isFull(error) || !isStoreFailure(error)) throw error
      this.#unwritable.set(job, { job, what: `metrics.db cannot be written: ${String(error)}` })
      this.#needs.jobs.close(job)
      return false
    }
  }

  #sealOrMend(job: string, sections: readonly Section[], through: number): void {
    try {
      this.#sealJob(job, sections, through)
    } catch (error) {
      if (!mayBeDamaged(error)) throw error
      this.mend(job)
      this.#sealJob(job, sections, through)
    }
  }

  /** Where the job's file is damaged, what can be read of it goes on in a new one. */
  mend(job: string): void {
    const { dataDir, jobs, report, lastSeq } = this.#needs
    jobs.close(job)
    mendJobFile({ path: jobPath(dataDir, job), job, through: lastSeq(), report })
  }

  #sealJob(job: string, sections: readonly Section[], through: number): void {
    const file = this.#openFile(job)
    // Where it is damaged, any of the ticks may be in the file: none is counted twice, and later ones are taken.
    const sealedThrough = file.sealedThrough() ?? through
    const fresh: FreshJob = { series: new Map(), account: '' }
    for (const { seq, bytes } of sections)
      if (seq > sealedThrough)
        this.#unlessDamaged(job, seq, () => addSection(fresh, job, bytes, seq))
    file.transaction(() => {
      for (const [name, { type, points }] of fresh.series)
        sealSeries(file, file.seriesNamed(name) ?? file.addSeries(name, type), points.finish())
      if (fresh.account) file.setAccount(fresh.account)
      file.setSealedThrough(Math.max(sealedThrough, through))
    })
  }

  #openFile(job: string): JobFileWriter {
    const { dataDir, jobs } = this.#needs
    mkdirSync(jobFolder(dataDir, job), { recursive: true })
    // Whoever removed the file left us one that nobody will find again.
    if (sizeOf(jobPath(dataDir, job)) === 0) jobs.close(job)
    return jobs.get(job)
  }

  /** What ticks hold of some jobs alone. */
  #partsOf(ticks: readonly Tick[], jobs: ReadonlySet<string>): Tick[] {
    const parts: Tick[] = []
    for (const { seq, payload } of ticks)
      this.#unlessDamaged(HOT, seq, () => {
        const { previous, sections } = sectionsOfTick(payload, seq)
        const kept = new Map([...sections].filter(([job]) => jobs.has(job)))
        if (kept.size > 0)
          parts.push({ seq, payload: encodeSections(seq, { previous, sections: kept }) })
      })
    return parts
  }

  #unlessDamaged(job: string, seq: number, read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error
      this.#needs.report({ job, what: `the tick ${seq}: ${error.message}` })
    }
  }
}
