import type { Damage } from '../../metrics/metric-store.ts'
import { openDatabase, type Database } from '../../sqlite/database.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { addSection, sectionsOfTick, type FreshJob } from './codec/tick-codec.ts'
import { LAST_SEQ_SQL } from './hot-file.ts'
import { bytesIn, numberIn, textIn } from './sql-row.ts'

/** hot.db as a reader sees it: ticks are read once and kept until they are dropped there, which the writer sees to. */
export interface HotTicks {
  /** Looks at the file again. What the other methods tell is of that moment. */
  refresh(): void
  /** The highest seq committed. */
  committed(): number
  isDeleted(job: string): boolean
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

interface CachedTick {
  readonly seq: number
  readonly sections: ReadonlyMap<string, Uint8Array>
}

export function openHotTicks(path: string, onDamage: (damage: Damage) => void): HotTicks {
  const db = openDatabase(path, { readOnly: true })
  const select = snapshotOf(db)
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
  const reported = <T>(job: string, otherwise: T, read: () => T): T => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error
      onDamage({ job, what: `a tick: ${error.message}` })
      return otherwise
    }
  }
  return {
    refresh() {
      const snapshot = select(ticks.at(-1)?.seq ?? 0)
      committed = snapshot.committed
      deleted = snapshot.deleted
      ticks = ticks.filter(({ seq }) => snapshot.seqs.has(seq))
      for (const { seq, payload } of snapshot.ticks)
        ticks.push({
          seq,
          sections: reported('hot.db', new Map(), () => sectionsOfTick(payload)),
        })
    },
    committed: () => committed,
    isDeleted: (job) => deleted.has(job),
    freshOf(job, after) {
      const known = unpacked.get(job)
      const entry: Unpacked =
        known?.after === after ? known : { after, through: after, fresh: emptyFresh() }
      remember(job, entry)
      for (const { seq, sections } of ticks) {
        const section = sections.get(job)
        if (!section || seq <= entry.through) continue
        reported(job, undefined, () => addSection(entry.fresh, section, seq))
        entry.through = seq
      }
      return entry.fresh
    },
    close: () => db.close(),
  }
}

const emptyFresh = (): FreshJob => ({ series: new Map(), account: '' })

interface HotSnapshot {
  readonly committed: number
  readonly seqs: ReadonlySet<number>
  readonly deleted: ReadonlySet<string>
  readonly ticks: readonly { readonly seq: number; readonly payload: Uint8Array }[]
}

/** One state of the file; of the ticks those after `seq`. */
function snapshotOf(db: Database): (seq: number) => HotSnapshot {
  const last = db.prepare(LAST_SEQ_SQL)
  const seqs = db.prepare('SELECT seq FROM tick')
  const deleted = db.prepare('SELECT job FROM deleted')
  const ticks = db.prepare('SELECT seq, payload FROM tick WHERE seq>? ORDER BY seq')
  return (seq) => {
    db.exec('BEGIN')
    try {
      return {
        committed: Number(last.get()?.['seq']),
        seqs: new Set(seqs.all().map((row) => numberIn(row, 'seq'))),
        deleted: new Set(deleted.all().map((row) => textIn(row, 'job'))),
        ticks: ticks.all(seq).map((row) => ({
          seq: numberIn(row, 'seq'),
          payload: bytesIn(row, 'payload'),
        })),
      }
    } finally {
      db.exec('COMMIT')
    }
  }
}
