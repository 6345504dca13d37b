import type { MetricType } from '@plotline/api'
import { renameSync } from 'node:fs'
import type { Damage } from '../../metrics/metric-store.ts'
import { closedOnFailure, openDatabase, type Database } from '../../sqlite/database.ts'
import { resyncWal } from '../../sqlite/resync-wal.ts'
import { crcAtEnd } from './codec/checked-bytes.ts'
import { encodeChunk } from './codec/chunk-codec.ts'
import { encodeHead, type ChunkHead, type ChunkPlace } from './codec/head-codec.ts'
import { rowCrc } from './codec/row-crc.ts'
import { finishFile } from './finish-file.ts'
import { foldAll } from './fold.ts'
import { jobReads, seriesCrc, type JobFile, type StoredSeries } from './job-file.ts'
import { HAS_ROW_CRC, JOB_FILE_SCHEMAS } from './job-file-schema.ts'
import { CHUNK_POINTS, VERSION } from './levels.ts'
import type { Points } from './points.ts'
import { jobPath, removeFiles, removeIfThere, sizeOf, syncNames } from './store-folder.ts'

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

/**
 * Eight pages are the least that a job takes, and three chunks of a kilobyte leave a quarter of 4 KiB empty, where pages this small are
 * filled to 90 % by what overflows: the toy's hour takes 17 kB instead of 41, its ten days 6 % less (docs/BENCHMARKS.md, "disk").
 */
const PAGE_SIZE_BYTES = 1024
/** WAL pages before they go to the file: 2 MiB, since 256 jobs may be open. */
const CHECKPOINT_PAGES = 2048

/** Makes the file where there is none; its folder must exist. */
export function openJobFileWriter(
  dataDir: string,
  job: string,
  onDamage: (damage: Damage) => void,
): JobFileWriter {
  const path = jobPath(dataDir, job)
  if (sizeOf(path) === 0) makeWholeFile(dataDir, job)
  resyncWal(path)
  const db = openDatabase(path)
  return closedOnFailure(db, () => jobWrites(db, job, onDamage))
}

function jobWrites(db: Database, job: string, onDamage: (damage: Damage) => void): JobFileWriter {
  db.exec(
    `PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES}; PRAGMA journal_size_limit=${CHECKPOINT_PAGES * PAGE_SIZE_BYTES}`,
  )
  const reads = jobReads(db, job, onDamage)
  const { version } = reads
  // Chunks of a series whose row was lost must not become those of a new one.
  const nextSeries = db.prepare(
    'SELECT 1 + max(ifnull((SELECT max(id) FROM series), 0), ifnull((SELECT max(series) FROM chunk), 0)) AS id',
  )
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
    setSealedThrough: (seq) => putMeta(db, version, 'sealed_through', seq),
    setAccount: (json) => putMeta(db, version, 'account', json),
    addSeries(name, type) {
      const series = { id: Number(nextSeries.get()?.['id']), name, type }
      putSeries(db, version, series)
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
      const data = encodeChunk(points, isTail ? 'quick' : 'best')
      const head = { ...headOf(points, series.type, before), dataCrc: crcAtEnd(data) }
      const packed = encodeHead(place, head, version)
      putChunk.run(key, place.series, level, place.t0, place.t1, place.points, packed)
      if (isTail) putTail.run(key, data)
      else putData.run(key, data)
    },
    setHead: (id, place, head) => void setHead.run(encodeHead(place, head, version), id),
    close() {
      leaveNoWal(db)
      db.close()
    },
  }
}

/** Aside, then renamed: no reader meets a file without its tables. */
function makeWholeFile(dataDir: string, job: string): void {
  const path = jobPath(dataDir, job)
  const aside = `${path}.new`
  removeFiles(aside)
  finishFile(makeFile(aside, VERSION), aside)
  renameSync(aside, path)
  try {
    syncNames(dataDir, job)
  } catch (error) {
    removeIfThere(path) // the next who opens it is to try again
    throw error
  }
}

/** An empty one of a version, open. */
export function makeFile(path: string, version: number): Database {
  const db = openDatabase(path, { pageSizeBytes: PAGE_SIZE_BYTES })
  return closedOnFailure(db, () =>
    db.transaction(() => {
      db.exec(`${JOB_FILE_SCHEMAS[version]} PRAGMA user_version=${version}`)
      // Present from the start, so that none means damage.
      putMeta(db, version, 'sealed_through', 0)
      putMeta(db, version, 'account', '')
      return db
    }),
  )
}

export function putMeta(db: Database, version: number, key: string, value: string | number): void {
  if (version < HAS_ROW_CRC)
    db.prepare('INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)').run(key, value)
  else
    db.prepare('INSERT OR REPLACE INTO meta(key, value, crc) VALUES (?, ?, ?)').run(
      key,
      value,
      rowCrc('meta', key, value),
    )
}

/** In the place of a damaged one of the same name. */
export function putSeries(db: Database, version: number, series: StoredSeries): void {
  const { id, name, type } = series
  if (version < HAS_ROW_CRC)
    db.prepare('INSERT OR REPLACE INTO series(id, name, type) VALUES (?, ?, ?)').run(id, name, type)
  else
    db.prepare('INSERT OR REPLACE INTO series(id, name, type, crc) VALUES (?, ?, ?, ?)').run(
      id,
      name,
      type,
      seriesCrc(id, name, type),
    )
}

function placeOf(series: number, level: number, points: Points): ChunkPlace {
  const t0 = points.t[0] ?? 0
  return { series, level, t0, t1: points.t.at(-1) ?? t0, points: points.length }
}

function headOf(
  points: Points,
  type: MetricType,
  total: ChunkHead | undefined,
): Omit<ChunkHead, 'dataCrc'> {
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
