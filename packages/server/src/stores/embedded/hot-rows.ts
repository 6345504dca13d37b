import type { Database, Row } from '../../sqlite/database.ts'
import { rowCrc } from './codec/row-crc.ts'

/** What damage of hot.db is reported of. */
export const HOT = 'hot.db'

const DROPPED = 'dropped_through'

export const MARK_SQL = `SELECT value, crc FROM mark WHERE name='${DROPPED}'`

/** Up to when ticks were dropped; undefined where it is missing or damaged. */
export function markIn(row: Row | undefined): number | undefined {
  const [value, crc] = [row?.['value'], row?.['crc']]
  return typeof value === 'number' && crc === rowCrc('mark', DROPPED, value) ? value : undefined
}

export const setDropped = (db: Database, through: number): void =>
  void db
    .prepare('INSERT OR REPLACE INTO mark(name, value, crc) VALUES (?, ?, ?)')
    .run(DROPPED, through, rowCrc('mark', DROPPED, through))

/** Job and seq of a row of `deleted` or `sealed`; undefined where it is damaged. */
export function jobSeqIn(
  table: 'deleted' | 'sealed',
  { job, seq, crc }: Row,
): { readonly job: string; readonly seq: number } | undefined {
  if (typeof job !== 'string' || typeof seq !== 'number') return undefined
  return crc === rowCrc(table, job, seq) ? { job, seq } : undefined
}

export const putJobSeq = (
  db: Database,
  table: 'deleted' | 'sealed',
  job: string,
  seq: number,
): void =>
  void db
    .prepare(`INSERT OR REPLACE INTO ${table}(job, seq, crc) VALUES (?, ?, ?)`)
    .run(job, seq, rowCrc(table, job, seq))
