import { openDatabase, type Database } from '../../sqlite/database.ts'
import { resyncWal } from '../../sqlite/resync-wal.ts'
import { DamagedFile, isDamagedFile } from './damaged-file.ts'
import { leaveOutDamaged, mendHotFile } from './hot-mend.ts'
import { jobSeqIn, MARK_SQL, markIn, putJobSeq, setDropped } from './hot-rows.ts'
import {
  HOT_PAGE_SIZE_BYTES,
  HOT_SCHEMAS,
  limitSize,
  makeHotTables,
  type HotFileOptions,
} from './hot-schema.ts'
import { upgradeHotTables } from './hot-upgrade.ts'
import { versionOf } from './schema.ts'
import { bytesIn, numberIn } from './sql-row.ts'
import { asideOf, readThrough, removeFiles, sizeOf } from './store-folder.ts'

/**
 * The one connection that writes hot.db (docs/format/hot-db.md). Where the file turns out to be damaged, what can be read of it is
 * moved to a new one, the damage is reported, and the call goes on there.
 */
export interface HotFile {
  /** The highest seq that was ever committed. */
  lastSeq(): number
  /** That of the newest tick, which the next one names; 0 where all were dropped. */
  newestTick(): number
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
  /** Those after `after` and up to `through`, which are in the files of `jobs` now; `kept` stay in their places. */
  drop(after: number, through: number, kept: readonly Tick[], jobs: readonly string[]): void
  /** Their sections up to `through` have gone. */
  forgetDeleted(through: number): void
  /** Leaves nothing of what was dropped in the file and its WAL, nor in a damaged one that was put aside. */
  vacuum(): void
  /** Looks at every page, and mends what it finds. */
  check(): void
  close(): void
}

export interface Tick {
  readonly seq: number
  readonly payload: Uint8Array
}

const TICKS_AT_ONCE = 16
/** SQLite's own. */
const LEAST_WAL_PAGES = 1000
/** 64 MiB. */
const MOST_WAL_PAGES = 16_384
/** A checkpoint syncs twice beside the sync of the commit: it comes after as many ticks at least, however large they are. */
const TICKS_A_CHECKPOINT = 16
/** A file up to here is looked at page by page when it is opened: 0.1 s. */
const CHECKED_AT_OPEN_BYTES = 64 * 2 ** 20

export function openHotFile(options: HotFileOptions): HotFile {
  let open: HotFile | undefined
  const letGo = (): void => {
    open?.close()
    open = undefined
  }
  const mended = <T>(work: (file: HotFile) => T): T =>
    orMend(options, () => {
      try {
        return work((open ??= openTables(options)))
      } catch (error) {
        if (isDamagedFile(error)) letGo()
        throw error
      }
    })
  mended(() => undefined)
  return {
    lastSeq: () => mended((file) => file.lastSeq()),
    newestTick: () => mended((file) => file.newestTick()),
    deletedJobs: () => mended((file) => file.deletedJobs()),
    append: (...args) => mended((file) => file.append(...args)),
    markDeleted: (job) => mended((file) => file.markDeleted(job)),
    ticks: (...args) => mended((file) => file.ticks(...args)),
    sizeBytes: () => mended((file) => file.sizeBytes()),
    drop: (...args) => mended((file) => file.drop(...args)),
    forgetDeleted: (through) => mended((file) => file.forgetDeleted(through)),
    vacuum() {
      mended((file) => file.vacuum())
      removeFiles(asideOf(options.path))
    },
    check: () => mended((file) => file.check()),
    close: letGo,
  }
}

/** A disk that does not read looks like damage: what is whole once it was read to its end is only opened again. */
function orMend<T>(options: HotFileOptions, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!isDamagedFile(error)) throw error
  }
  readThrough(options.path)
  try {
    return work()
  } catch (error) {
    if (!isDamagedFile(error)) throw error
    mendHotFile(options, error)
    return work()
  }
}

function openTables({ path, limitBytes, report }: HotFileOptions): HotFile {
  const isSmall = sizeOf(path) <= CHECKED_AT_OPEN_BYTES
  resyncWal(path)
  const db = openDatabase(path, { pageSizeBytes: HOT_PAGE_SIZE_BYTES })
  try {
    db.exec('PRAGMA temp_store=MEMORY')
    limitSize(db, limitBytes)
    const version = versionOf(db, HOT_SCHEMAS, path)
    if (version === 0) db.transaction(() => makeHotTables(db))
    else if (isSmall) checkPages(db)
    if (version === 1) db.transaction(() => upgradeHotTables(db, report))
    if (version !== 0) db.transaction(() => leaveOutDamaged(db, report))
    return { ...ticksOf(db), ...deletionsOf(db), close: () => db.close() }
  } catch (error) {
    db.close()
    throw error
  }
}

function checkPages(db: Database): void {
  const found = String(db.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'])
  if (found !== 'ok') throw new DamagedFile(found)
}

function ticksOf(
  db: Database,
): Pick<HotFile, 'lastSeq' | 'newestTick' | 'append' | 'ticks' | 'sizeBytes' | 'check'> {
  const newest = db.prepare('SELECT ifnull(max(seq), 0) AS seq FROM tick')
  const mark = db.prepare(MARK_SQL)
  const insert = db.prepare('INSERT INTO tick(seq, payload) VALUES (?, ?)')
  const select = db.prepare(
    'SELECT seq, payload FROM tick WHERE seq>? AND seq<=? ORDER BY seq LIMIT ?',
  )
  const size = db.prepare('SELECT ifnull(sum(length(payload)), 0) AS bytes FROM tick')
  const newestTick = (): number => Number(newest.get()?.['seq'])
  let walPages = LEAST_WAL_PAGES
  const letWalGrow = (tickBytes: number): void => {
    const pages = Math.min(
      MOST_WAL_PAGES,
      Math.ceil((TICKS_A_CHECKPOINT * tickBytes) / HOT_PAGE_SIZE_BYTES),
    )
    if (pages <= walPages) return
    walPages = pages
    db.exec(`PRAGMA wal_autocheckpoint=${walPages}`)
  }
  return {
    newestTick,
    lastSeq: () => Math.max(newestTick(), markIn(mark.get()) ?? 0),
    append(seq, payload) {
      letWalGrow(payload.length)
      insert.run(seq, payload)
    },
    sizeBytes: () => Number(size.get()?.['bytes']),
    check: () => checkPages(db),
    ticks(seq, through, maxBytes) {
      const ticks: Tick[] = []
      let sizeBytes = 0
      let after = seq
      while (sizeBytes < maxBytes) {
        const rows = select.all(after, through, TICKS_AT_ONCE)
        for (const row of rows) {
          // Pages that took the place of others: not in order, or the same again.
          if (numberIn(row, 'seq') <= after) throw new DamagedFile('ticks are not in order')
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
  const deleted = db.prepare('SELECT job, seq, crc FROM deleted')
  const last = db.prepare('SELECT ifnull(max(seq), 0) AS seq FROM tick')
  const mark = db.prepare(MARK_SQL)
  const isMarked = db.prepare('SELECT 1 AS yes FROM deleted WHERE job=?')
  const dropTicks = db.prepare('DELETE FROM tick WHERE seq>? AND seq<=?')
  const keepTick = db.prepare('INSERT INTO tick(seq, payload) VALUES (?, ?)')
  const dropDeleted = db.prepare('DELETE FROM deleted WHERE seq<=?')
  const dropSealed = db.prepare('DELETE FROM sealed WHERE job IN (SELECT job FROM deleted)')
  const dropped = (): number => markIn(mark.get()) ?? 0
  return {
    deletedJobs: () => deleted.all().flatMap((row) => jobSeqIn('deleted', row)?.job ?? []),
    markDeleted(job) {
      if (isMarked.get(job)) return
      db.transaction(() => {
        putJobSeq(db, 'deleted', job, Math.max(Number(last.get()?.['seq']), dropped()))
        dropSealed.run()
      })
    },
    drop(after, through, kept, jobs) {
      db.transaction(() => {
        dropTicks.run(after, through)
        for (const { seq, payload } of kept) keepTick.run(seq, payload)
        for (const job of jobs) putJobSeq(db, 'sealed', job, through)
        setDropped(db, Math.max(dropped(), through))
      })
    },
    forgetDeleted(through) {
      dropSealed.run()
      dropDeleted.run(through)
    },
    vacuum: () => db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'),
  }
}
