import { openDatabase, type Database } from '../../sqlite/database.ts'
import { bytesIn, numberIn, textIn } from './sql-row.ts'

/** The one connection that writes hot.db (docs/format/hot-db.md). */
export interface HotFile {
  /** The highest seq that was ever committed. */
  lastSeq(): number
  /** Jobs whose sections are void. */
  deletedJobs(): readonly string[]
  /** Resolves once it is on the disk. */
  append(seq: number, payload: Uint8Array): void
  /** Makes the job's sections void. */
  markDeleted(job: string): void
  /** Oldest first, after `seq` and not after `through`; about `maxBytes` of them, at least one. */
  ticks(seq: number, through: number, maxBytes: number): readonly Tick[]
  /** Bytes of all payloads. */
  sizeBytes(): number
  /** Those after `after` and up to `through`; `kept` stay in their places. */
  drop(after: number, through: number, kept: readonly Tick[]): void
  /** Their sections up to `through` have gone. */
  forgetDeleted(through: number): void
  /** Leaves nothing of what was dropped in the file and its WAL. */
  vacuum(): void
  close(): void
}

export interface Tick {
  readonly seq: number
  readonly payload: Uint8Array
}

const PAGE_SIZE_BYTES = 4096
const TICKS_AT_ONCE = 16

const SCHEMA = `
CREATE TABLE IF NOT EXISTS tick(seq INTEGER PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mark(name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deleted(job TEXT PRIMARY KEY, seq INTEGER NOT NULL);
INSERT OR IGNORE INTO mark VALUES ('dropped_through', 0);
PRAGMA user_version=1;`

export const LAST_SEQ_SQL = `SELECT max(ifnull((SELECT max(seq) FROM tick), 0),
  (SELECT value FROM mark WHERE name='dropped_through')) AS seq`

export function openHotFile(path: string, limitBytes: number): HotFile {
  const db = openDatabase(path, { pageSizeBytes: PAGE_SIZE_BYTES })
  db.exec(`PRAGMA temp_store=MEMORY; PRAGMA max_page_count=${pages(limitBytes)}`)
  db.transaction(() => db.exec(SCHEMA))
  return { ...ticksOf(db), ...deletionsOf(db), close: () => db.close() }
}

const pages = (bytes: number): number => Math.max(1, Math.floor(bytes / PAGE_SIZE_BYTES))

function ticksOf(db: Database): Pick<HotFile, 'lastSeq' | 'append' | 'ticks' | 'sizeBytes'> {
  const last = db.prepare(LAST_SEQ_SQL)
  const insert = db.prepare('INSERT INTO tick(seq, payload) VALUES (?, ?)')
  const select = db.prepare(
    'SELECT seq, payload FROM tick WHERE seq>? AND seq<=? ORDER BY seq LIMIT ?',
  )
  const size = db.prepare('SELECT ifnull(sum(length(payload)), 0) AS bytes FROM tick')
  return {
    lastSeq: () => Number(last.get()?.['seq']),
    append: (seq, payload) => void insert.run(seq, payload),
    sizeBytes: () => Number(size.get()?.['bytes']),
    ticks(seq, through, maxBytes) {
      const ticks: Tick[] = []
      let sizeBytes = 0
      let after = seq
      while (sizeBytes < maxBytes) {
        const rows = select.all(after, through, TICKS_AT_ONCE)
        for (const row of rows) {
          after = numberIn(row, 'seq')
          ticks.push({ seq: after, payload: bytesIn(row, 'payload') })
          sizeBytes += ticks.at(-1)?.payload.length ?? 0
        }
        if (rows.length < TICKS_AT_ONCE) break
      }
      return ticks
    },
  }
}

function deletionsOf(
  db: Database,
): Pick<HotFile, 'deletedJobs' | 'markDeleted' | 'drop' | 'forgetDeleted' | 'vacuum'> {
  const deleted = db.prepare('SELECT job FROM deleted')
  const mark = db.prepare(`INSERT OR IGNORE INTO deleted SELECT ?, seq FROM (${LAST_SEQ_SQL})`)
  const dropTicks = db.prepare('DELETE FROM tick WHERE seq>? AND seq<=?')
  const keepTick = db.prepare('INSERT INTO tick(seq, payload) VALUES (?, ?)')
  const setDropped = db.prepare("UPDATE mark SET value=max(value, ?) WHERE name='dropped_through'")
  const dropDeleted = db.prepare('DELETE FROM deleted WHERE seq<=?')
  return {
    deletedJobs: () => deleted.all().map((row) => textIn(row, 'job')),
    markDeleted: (job) => void mark.run(job),
    drop(after, through, kept) {
      db.transaction(() => {
        dropTicks.run(after, through)
        for (const { seq, payload } of kept) keepTick.run(seq, payload)
        setDropped.run(through)
      })
    },
    forgetDeleted: (through) => void dropDeleted.run(through),
    vacuum: () => db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'),
  }
}
