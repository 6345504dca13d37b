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

export interface TickSealerNeeds {
  readonly dataDir: string
  /** Ticks that are held in memory at once. */
  readonly heldBytes: number
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

interface SealRound {
  /** Seq of its last tick. */
  readonly last: number
  readonly isTimeUp: () => boolean
  /** Jobs by how it went with their files. */
  readonly done: Set<string>
  readonly failed: Set<string>
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
    const { last, bytesOf } = await this.#jobsUpTo(through)
    if (last === 0) return true
    this.#needs.beforeSeal(last)
    const round: SealRound = { last, isTimeUp, done: new Set(), failed: new Set() }
    for (const jobs of groupsOf(bytesOf, this.#needs.heldBytes))
      if (!(await this.#sealGroup(jobs, round))) return false
    this.#dropTicks(round)
    return true
  }

  /** The seq of the last tick up to `through`, 0 where there is none, and what each job takes of all of them. */
  async #jobsUpTo(
    through: number,
  ): Promise<{ last: number; bytesOf: ReadonlyMap<string, number> }> {
    let last = 0
    const bytesOf = new Map<string, number>()
    for await (const tick of this.#ticks(through)) {
      last = tick.seq
      for (const [job, { length }] of this.#sectionsOf(tick))
        bytesOf.set(job, (bytesOf.get(job) ?? 0) + length)
    }
    return { last, bytesOf }
  }

  /**
   * Job by job over all ticks, since a job costs its file much the same however many ticks it takes. False where the time was up
   * before all had their turn.
   */
  async #sealGroup(jobs: ReadonlySet<string>, round: SealRound): Promise<boolean> {
    const held = new Map<string, Section[]>()
    let heldBytes = 0
    for await (const tick of this.#ticks(round.last)) {
      for (const [job, section] of this.#sectionsOf(tick)) {
        if (!jobs.has(job)) continue
        // A copy: the section is a view of its whole tick.
        const sections = held.get(job) ?? []
        held.set(job, sections)
        sections.push({ seq: tick.seq, bytes: section.slice() })
        heldBytes += section.length
      }
      if (heldBytes < this.#needs.heldBytes) continue
      if (!(await this.#sealHeld(held, tick.seq, round))) return false
      held.clear()
      heldBytes = 0
    }
    return this.#sealHeld(held, round.last, round)
  }

  async #sealHeld(
    held: ReadonlyMap<string, readonly Section[]>,
    through: number,
    { isTimeUp, done, failed }: SealRound,
  ): Promise<boolean> {
    for (const [job, sections] of held) {
      if (isTimeUp()) return false
      await pause()
      if (this.#needs.isDeleted(job) || failed.has(job)) continue
      this.#unwritable.delete(job)
      if (this.#isSealed(job, sections, through)) done.add(job)
      else failed.add(job)
    }
    return true
  }

  #dropTicks({ last, done, failed }: SealRound): void {
    const { hot } = this.#needs
    const sealed = [...done].filter((job) => !failed.has(job))
    let after = 0
    for (const ticks of this.#batches(last)) {
      const through = ticks.at(-1)?.seq ?? last
      hot.drop(after, through, failed.size > 0 ? this.#partsOf(ticks, failed) : [], sealed)
      after = through
    }
  }

  async *#ticks(through: number): AsyncIterable<Tick> {
    for (const ticks of this.#batches(through)) {
      yield* ticks
      await pause()
    }
  }

  *#batches(through: number): Iterable<readonly Tick[]> {
    const { hot, heldBytes } = this.#needs
    for (let after = 0; ;) {
      const ticks = hot.ticks(after, through, heldBytes)
      const last = ticks.at(-1)
      if (!last) return
      yield ticks
      after = last.seq
    }
  }

  #sectionsOf({ seq, payload }: Tick): ReadonlyMap<string, Uint8Array> {
    let sections: ReadonlyMap<string, Uint8Array> = new Map()
    this.#unlessDamaged(HOT, seq, () => (sections = sectionsOfTick(payload, seq).sections))
    return sections
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

/** Of jobs whose ticks can be held in memory together; one that takes more is alone. */
function* groupsOf(
  bytesOf: ReadonlyMap<string, number>,
  heldBytes: number,
): Iterable<ReadonlySet<string>> {
  let group = new Set<string>()
  let groupBytes = 0
  for (const [job, bytes] of bytesOf) {
    if (group.size > 0 && groupBytes + bytes > heldBytes) {
      yield group
      group = new Set()
      groupBytes = 0
    }
    group.add(job)
    groupBytes += bytes
  }
  if (group.size > 0) yield group
}
