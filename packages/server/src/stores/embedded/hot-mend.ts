import { closedOnFailure, openDatabase, type Database, type Row } from '../../sqlite/database.ts'
import { sectionsOfTick } from './codec/tick-codec.ts'
import { isDamagedFile } from './damaged-file.ts'
import { finishFile } from './finish-file.ts'
import { HOT, jobSeqIn, MARK_SQL, markIn, putJobSeq, setDropped } from './hot-rows.ts'
import { HOT_PAGE_SIZE_BYTES, limitSize, makeHotTables, type HotFileOptions } from './hot-schema.ts'
import { unlessDamagedTick } from './hot-upgrade.ts'
import type { Damage } from '../../metrics/metric-store.ts'
import { readableRows } from './readable-rows.ts'
import { bytesIn, numberIn } from './sql-row.ts'
import { asideOf, putInPlace, removeFiles } from './store-folder.ts'

/** What can be read, in a new file in its place; the damaged one stays beside it. */
export function mendHotFile({ path, limitBytes, report }: HotFileOptions, why: unknown): void {
  report({
    job: HOT,
    what: `${String(why)}. What could be read of it goes on; all else is in ${asideOf(path)}`,
  })
  const fresh = `${path}.new`
  removeFiles(fresh)
  const db = openDatabase(fresh, { pageSizeBytes: HOT_PAGE_SIZE_BYTES })
  closedOnFailure(db, () => {
    limitSize(db, limitBytes)
    db.transaction(() => {
      makeHotTables(db)
      copyReadable(path, db)
      const dropped = markIn(db.prepare(MARK_SQL).get())
      if (!dropped) setDropped(db, sealedAtLeast(db))
    })
  })
  finishFile(db, fresh)
  putInPlace(fresh, path)
}

function copyReadable(path: string, to: Database): void {
  let from: Database | undefined
  try {
    from = openDatabase(path, { readOnly: true })
    const source = from
    const each = (table: string, key: string, take: (row: Row) => void): void => {
      try {
        for (const row of readableRows(source, table, key)) take(row)
      } catch (error) {
        if (!isDamagedFile(error)) throw error
      }
    }
    const putTick = to.prepare('INSERT INTO tick(seq, payload) VALUES (?, ?)')
    // What is damaged of it is found when the new file is opened.
    each('tick', 'seq', (row) => {
      if (row['payload'] instanceof Uint8Array) putTick.run(numberIn(row, 'seq'), row['payload'])
    })
    for (const table of ['deleted', 'sealed'] as const)
      each(table, 'rowid', (row) => {
        const whole = jobSeqIn(table, row)
        if (whole) putJobSeq(to, table, whole.job, whole.seq)
      })
    each('mark', 'rowid', (row) => {
      const value = markIn(row)
      if (value !== undefined) setDropped(to, value)
    })
  } catch (error) {
    if (!isDamagedFile(error)) throw error
  } finally {
    from?.close()
  }
}

/**
 * A tick whose place is not certain must not set the clock, nor a damaged row name a job to delete. The ticks are read whole
 * anyway by the first query.
 */
export function leaveOutDamaged(db: Database, report: (damage: Damage) => void): void {
  const seqs = db.prepare('SELECT seq FROM tick').all()
  const one = db.prepare('SELECT payload FROM tick WHERE seq=?')
  for (const row of seqs) {
    const seq = numberIn(row, 'seq')
    const isWhole = unlessDamagedTick(report, seq, () =>
      sectionsOfTick(bytesIn(one.get(seq) ?? {}, 'payload'), seq),
    )
    if (!isWhole) db.prepare('DELETE FROM tick WHERE seq=?').run(seq)
  }
  for (const table of ['deleted', 'sealed'] as const)
    for (const row of db.prepare(`SELECT rowid AS id, job, seq, crc FROM ${table}`).all()) {
      if (jobSeqIn(table, row)) continue
      report({ job: HOT, what: `a row of ${table}` })
      db.prepare(`DELETE FROM ${table} WHERE rowid=?`).run(numberIn(row, 'id'))
    }
  if (markIn(db.prepare(MARK_SQL).get()) !== undefined) return
  report({ job: HOT, what: 'up to when ticks were dropped' })
  setDropped(db, sealedAtLeast(db))
}

/** Up to when ticks must have been dropped, by what else tells of it. */
function sealedAtLeast(db: Database): number {
  const rows = db.prepare('SELECT job, seq, crc FROM sealed').all()
  return Math.max(0, ...rows.map((row) => jobSeqIn('sealed', row)?.seq ?? 0))
}
