import type { Database } from '../../sqlite/database.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { upgradedTick } from './codec/tick-v1.ts'
import { HOT, putJobSeq } from './hot-rows.ts'
import { makeHotTables } from './hot-schema.ts'
import type { Damage } from '../../metrics/metric-store.ts'
import { bytesIn, numberIn, textIn } from './sql-row.ts'

/** Version 1 had no checksums beside those of the payloads. */
export function upgradeHotTables(db: Database, report: (damage: Damage) => void): void {
  const dropped = db.prepare("SELECT value FROM mark WHERE name='dropped_through'").get()
  const deleted = db.prepare('SELECT job, seq FROM deleted').all()
  db.exec('ALTER TABLE tick RENAME TO old_tick; DROP TABLE mark; DROP TABLE deleted')
  makeHotTables(db, dropped ? numberIn(dropped, 'value') : 0)
  for (const row of deleted) putJobSeq(db, 'deleted', textIn(row, 'job'), numberIn(row, 'seq'))
  const put = db.prepare('INSERT INTO tick(seq, payload) VALUES (?, ?)')
  const next = db.prepare('SELECT seq, payload FROM old_tick WHERE seq>? ORDER BY seq LIMIT 1')
  let previous = 0
  for (let row = next.get(-1); row; row = next.get(numberIn(row, 'seq'))) {
    const seq = numberIn(row, 'seq')
    const upgraded = unlessDamagedTick(report, seq, () =>
      upgradedTick(bytesIn(row ?? {}, 'payload'), seq, previous),
    )
    if (upgraded) put.run(seq, upgraded)
    previous = seq
  }
  db.exec('DROP TABLE old_tick')
}

/** Undefined where the tick is damaged, which is reported. */
export function unlessDamagedTick<T>(
  report: (damage: Damage) => void,
  seq: number,
  read: () => T,
): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DamagedBytes)) throw error
    report({ job: HOT, what: `the tick ${seq}: ${error.message}` })
    return undefined
  }
}
