import type { MetricType } from '@plotline/api'
import { renameSync } from 'node:fs'
import type { Damage } from '../../metrics/metric-store.ts'
import { openDatabase, type Database } from '../../sqlite/database.ts'
import { encodeChunk } from './codec/chunk-codec.ts'
import { encodeHead, type ChunkHead, type ChunkPlace } from './codec/head-codec.ts'
import { foldAll } from './fold.ts'
import { closedOnFailure, jobReads, type JobFile, type StoredSeries } from './job-file.ts'
import { CHUNK_POINTS, VERSION } from './levels.ts'
import type { Points } from './points.ts'
import { removeIfThere, sizeOf } from './store-folder.ts'

/** The one connection that writes a job's metrics.db. */
export interface JobFileWriter extends JobFile {
  transaction<T>(work: () => T): T
  setSealedThrough(seq: number): void
  setAccount(json: string): void
  addSeries(name: string, type: MetricType): StoredSeries
  /**
   * In the place of the chunk `id`, else as a new one. A new chunk, and one that has become full, gets the highest id.
   * `before`: a head with the total before it, else 0.
   */
  putChunk(
    id: number | undefined,
    series: StoredSeries,
    level: number,
    points: Points,
    before?: ChunkHead,
  ): void
  setHead(id: number, place: ChunkPlace, head: ChunkHead): void
}

/** Eight pages are the least that a job takes: the toy's whole hour fits into ten of these, and a day of it into 60 % of what 16 KiB take. */
const PAGE_SIZE_BYTES = 4096
/** WAL pages before they go to the file: 2 MiB, since 256 jobs may be open. */
const CHECKPOINT_PAGES = 512

export const JOB_FILE_SCHEMA = `
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE series(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, type TEXT NOT NULL);
CREATE TABLE chunk(id INTEGER PRIMARY KEY, series INTEGER NOT NULL, level INTEGER NOT NULL,
  t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, points INTEGER NOT NULL, head BLOB NOT NULL);
CREATE INDEX chunk_by_time ON chunk(series, level, t0, t1);
CREATE TABLE chunk_data(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE tail_data(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
PRAGMA user_version=${VERSION};`

/** Makes the file where there is none; its folder must exist. */
export function openJobFileWriter(
  path: string,
  job: string,
  onDamage: (damage: Damage) => void,
): JobFileWriter {
  if (sizeOf(path) === 0) makeFile(path)
  const db = openDatabase(path)
  return closedOnFailure(db, () => jobWrites(db, job, onDamage))
}

function jobWrites(db: Database, job: string, onDamage: (damage: Damage) => void): JobFileWriter {
  db.exec(
    `PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES}; PRAGMA journal_size_limit=${CHECKPOINT_PAGES * PAGE_SIZE_BYTES}`,
  )
  const reads = jobReads(db, job, onDamage)
  const setMeta = db.prepare('INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)')
  const addSeries = db.prepare('INSERT INTO series(name, type) VALUES (?, ?)')
  const highest = db.prepare('SELECT ifnull(max(id), 0) + 1 AS id FROM chunk')
  const putChunk = db.prepare(
    'INSERT OR REPLACE INTO chunk(id, series, level, t0, t1, points, head) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const putData = db.prepare('INSERT OR REPLACE INTO chunk_data(id, data) VALUES (?, ?)')
  const putTail = db.prepare('INSERT OR REPLACE INTO tail_data(id, data) VALUES (?, ?)')
  const dropTail = db.prepare('DELETE FROM tail_data WHERE id=?')
  const dropChunk = db.prepare('DELETE FROM chunk WHERE id=?')
  const setHead = db.prepare('UPDATE chunk SET head=? WHERE id=?')

  return {
    ...reads,
    transaction(work) {
      try {
        return db.transaction(work)
      } finally {
        reads.changed() // a cold job holds nothing, and one rolled back nothing wrong
      }
    },
    setSealedThrough: (seq) => void setMeta.run('sealed_through', seq),
    setAccount: (json) => void setMeta.run('account', json),
    addSeries(name, type) {
      addSeries.run(name, type)
      const series = reads.seriesNamed(name)
      if (!series) throw new Error(`The series ${name} was not stored.`)
      return series
    },
    putChunk(id, series, level, points, before) {
      const isTail = points.length < CHUNK_POINTS
      const becomesFull = !isTail && id !== undefined && dropTail.run(id).changes > 0
      if (becomesFull) {
        dropChunk.run(id)
        reads.changed(id)
      }
      const key = id === undefined || becomesFull ? Number(highest.get()?.['id']) : id
      reads.changed(key)
      const place = placeOf(series.id, level, points)
      const head = encodeHead(place, headOf(points, series.type, before))
      putChunk.run(key, place.series, level, place.t0, place.t1, place.points, head)
      if (isTail) putTail.run(key, encodeChunk(points, 'quick'))
      else putData.run(key, encodeChunk(points, 'best'))
    },
    setHead: (id, place, head) => void setHead.run(encodeHead(place, head), id),
    close() {
      leaveNoWal(db)
      db.close()
    },
  }
}

/** Aside, then renamed: no reader meets a file without its tables. */
function makeFile(path: string): void {
  const aside = `${path}.new`
  removeIfThere(aside)
  const db = openDatabase(aside, { pageSizeBytes: PAGE_SIZE_BYTES })
  try {
    db.transaction(() => db.exec(JOB_FILE_SCHEMA))
  } finally {
    db.close()
  }
  renameSync(aside, path)
}

function placeOf(series: number, level: number, points: Points): ChunkPlace {
  const t0 = points.t[0] ?? 0
  return { series, level, t0, t1: points.t.at(-1) ?? t0, points: points.length }
}

function headOf(points: Points, type: MetricType, total: ChunkHead | undefined): ChunkHead {
  const { last, carry, min, max, sum, count } = foldAll(points, type)
  return { samples: count, last, carry, min, max, sum, ...beforeOf(total) }
}

const beforeOf = (head: ChunkHead | undefined): Pick<ChunkHead, 'before' | 'beforeCarry'> => ({
  before: head?.before ?? 0,
  beforeCarry: head?.beforeCarry ?? 0,
})

/** The last connection to close would do it by itself, but readers may be open still. */
function leaveNoWal(db: Database): void {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch {
    // On a full disk, say: what is in the WAL is as safe there, and read from there.
  }
}
