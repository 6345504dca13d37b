import type { Damage } from '../../metrics/metric-store.ts'
import { openDatabase, type Database } from '../../sqlite/database.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { addSection, sectionsOfTick, type FreshJob, type TickSections } from './codec/tick-codec.ts'
import { DamagedFile } from './damaged-file.ts'
import { HOT, jobSeqIn, MARK_SQL, markIn } from './hot-rows.ts'
import { bytesIn, numberIn } from './sql-row.ts'

/** hot.db as a reader sees it: ticks are read once and kept until they are dropped there, which the writer sees to. */
export interface HotTicks {
  /** Looks at the file again. What the other methods tell is of that moment. */
  refresh(): void
  /** The highest seq committed. */
  committed(): number
  isDeleted(job: string): boolean
  /** Up to when the job's ticks were moved to its own file; 0 where they never were. */
  sealedThrough(job: string): number
  /** What ticks after `seq` hold of the job, in order of arrival. Not to be added to. */
  freshOf(job: string, seq: number): FreshJob
  close(): void
}

/** What was unpacked for a job already: a page asks for its hundred metrics one by one. */
interface Unpacked {
  readonly after: number
  readonly fresh: FreshJob
  through: number
}
const MAX_UNPACKED_JOBS = 8

interface CachedTick extends TickSections {
  readonly seq: number
}

export function openHotTicks(path: string, onDamage: (damage: Damage) => void): HotTicks {
  const db = openDatabase(path, { readOnly: true })
  const select = snapshotOf(db)
  const sealed = db.prepare('SELECT job, seq, crc FROM sealed WHERE job=?')
  let ticks: CachedTick[] = []
  let committed = 0
  let deleted: ReadonlySet<string> = new Set()

  const unpacked = new Map<string, Unpacked>()

  const remember = (job: string, entry: Unpacked): void => {
    unpacked.delete(job)
    unpacked.set(job, entry)
    const [oldest] = unpacked.keys()
    if (unpacked.size > MAX_UNPACKED_JOBS && oldest !== undefined) unpacked.delete(oldest)
  }
  const unlessDamaged = <T>(job: string, seq: number, read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error
      onDamage({ job, what: `the tick ${seq}: ${error.message}` })
      return undefined
    }
  }
  return {
    refresh() {
      const snapshot = select(ticks.at(-1)?.seq ?? 0)
      deleted = snapshot.deleted
      ticks = ticks.filter(({ seq }) => snapshot.seqs.has(seq))
      for (const { seq, payload } of snapshot.ticks) {
        const tick = unlessDamaged(HOT, seq, () => sectionsOfTick(payload, seq))
        if (!tick) continue
        reportMissing(tick, seq, ticks.at(-1)?.seq ?? 0, snapshot.dropped, onDamage)
        ticks.push({ seq, ...tick })
      }
      // Where the mark is damaged, batches on their way may be stored already: nothing is to be shown twice.
      committed = Math.max(ticks.at(-1)?.seq ?? 0, snapshot.dropped ?? Infinity)
    },
    committed: () => committed,
    isDeleted: (job) => deleted.has(job),
    sealedThrough(job) {
      const row = sealed.get(job)
      return (row && jobSeqIn('sealed', row)?.seq) ?? 0
    },
    freshOf(job, after) {
      const known = unpacked.get(job)
      const entry: Unpacked =
        known?.after === after ? known : { after, through: after, fresh: emptyFresh() }
      remember(job, entry)
      for (const { seq, sections } of ticks) {
        const section = sections.get(job)
        if (!section || seq <= entry.through) continue
        unlessDamaged(job, seq, () => addSection(entry.fresh, job, section, seq))
        entry.through = seq
      }
      return entry.fresh
    },
    close: () => db.close(),
  }
}

const emptyFresh = (): FreshJob => ({ series: new Map(), account: '' })

/** Each tick names the one that was written before it. `dropped`: up to there ticks are gone, or kept for some jobs alone. */
export function reportMissing(
  { previous }: TickSections,
  seq: number,
  found: number,
  dropped: number | undefined,
  onDamage: (damage: Damage) => void,
): void {
  if (dropped === undefined || seq <= dropped || previous <= Math.max(found, dropped)) return
  onDamage({ job: HOT, what: `ticks after ${found} and up to ${previous} are missing` })
}

interface HotSnapshot {
  readonly seqs: ReadonlySet<number>
  readonly deleted: ReadonlySet<string>
  readonly ticks: readonly { readonly seq: number; readonly payload: Uint8Array }[]
  /** Undefined where it is damaged. */
  readonly dropped: number | undefined
}

/** One state of the file; of the ticks those after `seq`. */
function snapshotOf(db: Database): (seq: number) => HotSnapshot {
  const mark = db.prepare(MARK_SQL)
  const seqs = db.prepare('SELECT seq FROM tick')
  const deleted = db.prepare('SELECT job, seq, crc FROM deleted')
  const ticks = db.prepare('SELECT seq, payload FROM tick WHERE seq>? ORDER BY seq')
  return (seq) =>
    db.snapshot(() => ({
      seqs: new Set(seqs.all().map((row) => numberIn(row, 'seq'))),
      deleted: new Set(deleted.all().flatMap((row) => jobSeqIn('deleted', row)?.job ?? [])),
      ticks: inOrder(
        ticks.all(seq).map((row) => ({
          seq: numberIn(row, 'seq'),
          payload: bytesIn(row, 'payload'),
        })),
        seq,
      ),
      dropped: markIn(mark.get()),
    }))
}

/** Pages that took the place of others show as ticks out of order, or the same ones again. */
function inOrder<T extends { readonly seq: number }>(
  ticks: readonly T[],
  after: number,
): readonly T[] {
  let last = after
  for (const { seq } of ticks) {
    if (seq <= last) throw new DamagedFile('ticks are not in order')
    last = seq
  }
  return ticks
}
