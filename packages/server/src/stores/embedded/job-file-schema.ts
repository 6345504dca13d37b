import type { Schemas } from './schema.ts'

const WITHOUT_CRC = `CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE series(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, type TEXT NOT NULL);
CREATE TABLE chunk(id INTEGER PRIMARY KEY, series INTEGER NOT NULL, level INTEGER NOT NULL,
  t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, points INTEGER NOT NULL, head BLOB NOT NULL);
CREATE INDEX chunk_by_time ON chunk(series, level, t0, t1);
CREATE TABLE chunk_data(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE tail_data(id INTEGER PRIMARY KEY, data BLOB NOT NULL);`

const WITH_CRC = WITHOUT_CRC.replace('value)', 'value NOT NULL, crc INTEGER NOT NULL)').replace(
  'type TEXT NOT NULL)',
  'type TEXT NOT NULL, crc INTEGER NOT NULL)',
)

/** Of metrics.db, by version (docs/format/metrics-db.md). */
export const JOB_FILE_SCHEMAS: Schemas = { 1: WITHOUT_CRC, 2: WITHOUT_CRC, 3: WITH_CRC }

/** The version since which rows of `meta` and `series` have a checksum. */
export const HAS_ROW_CRC = 3
