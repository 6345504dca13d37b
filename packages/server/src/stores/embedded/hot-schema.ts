import type { Database } from '../../sqlite/database.ts'
import { setDropped } from './hot-rows.ts'
import type { Damage } from '../../metrics/metric-store.ts'
import type { Schemas } from './schema.ts'

/** Of hot.db, by version (docs/format/hot-db.md). */
export const HOT_SCHEMAS: Schemas = {
  1: `CREATE TABLE tick(seq INTEGER PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE mark(name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE deleted(job TEXT PRIMARY KEY, seq INTEGER NOT NULL);`,
  2: `CREATE TABLE tick(seq INTEGER PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE mark(name TEXT PRIMARY KEY, value INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE deleted(job TEXT PRIMARY KEY, seq INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE sealed(job TEXT PRIMARY KEY, seq INTEGER NOT NULL, crc INTEGER NOT NULL);`,
}
const HOT_VERSION = 2
export const HOT_PAGE_SIZE_BYTES = 4096

export interface HotFileOptions {
  readonly path: string
  readonly limitBytes: number
  readonly report: (damage: Damage) => void
}

export function limitSize(db: Database, limitBytes: number): void {
  const pages = Math.max(1, Math.floor(limitBytes / HOT_PAGE_SIZE_BYTES))
  db.exec(`PRAGMA max_page_count=${pages}`)
}

/** To be called inside a transaction, on an empty file. */
export function makeHotTables(db: Database, droppedThrough = 0): void {
  db.exec(`${HOT_SCHEMAS[HOT_VERSION]} PRAGMA user_version=${HOT_VERSION}`)
  setDropped(db, droppedThrough)
}
