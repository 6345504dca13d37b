import type { MetricType } from '@plotline/api'
import { PlotlineError } from '../../errors.ts'
import type { Damage } from '../../metrics/metric-store.ts'
import { openDatabase, type Database, type Row } from '../../sqlite/database.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { decodeChunk } from './codec/chunk-codec.ts'
import { decodeHead, type ChunkHead, type ChunkPlace } from './codec/head-codec.ts'
import { gridsOfVersion, type Grids } from './levels.ts'
import type { Points } from './points.ts'
import { bytesIn, numberIn, textIn } from './sql-row.ts'

/** A job's metrics.db, open for reading. Every call sees what is committed; `inSnapshot` holds several to one state. */
export interface JobFile {
  readonly grids: Grids
  sealedThrough(): number
  /** JSON; undefined where there is none. */
  account(): string | undefined
  series(): readonly StoredSeries[]
  seriesNamed(name: string): StoredSeries | undefined
  /** In order, at most `limit`, those that may hold a point with a time in [from, to). */
  chunks(series: number, level: number, from: number, to: number, limit?: number): readonly Chunk[]
  /** The last chunk that begins before `t`, or with `inclusive` at `t`. */
  chunkBefore(series: number, level: number, t: number, inclusive?: boolean): Chunk | undefined
  /** Those that follow in order, at most `limit`. */
  chunksAfter(chunk: ChunkKey, limit: number): readonly Chunk[]
  firstChunk(series: number, level: number): Chunk | undefined
  lastChunk(series: number, level: number): Chunk | undefined
  /** Undefined where it is damaged. */
  points(chunk: Chunk): Points | undefined
  /** To be told by who changes a chunk, or without one any, over the same connection. */
  changed(chunk?: number): void
  inSnapshot<T>(work: () => T): T
  close(): void
}

export interface StoredSeries {
  readonly id: number
  readonly name: string
  readonly type: MetricType
}

/** Where a chunk stands in the order of its series and level. */
export interface ChunkKey extends Omit<ChunkPlace, 'points'> {
  readonly id: number
  readonly head?: ChunkHead | undefined
}

export interface Chunk extends ChunkPlace {
  readonly id: number
  /** Undefined where it is damaged. */
  readonly head: ChunkHead | undefined
}

const CHUNK_COLUMNS = 'id, series, level, t0, t1, points, head'
const BACKWARDS = 'ORDER BY t0 DESC, t1 DESC, id DESC LIMIT 1'
const NO_LIMIT = -1
/** A query or a seal comes back to a chunk within a few others. */
const MAX_DECODED_CHUNKS = 8

/** Throws the driver's error where there is no such file. */
export function openJobFile(
  path: string,
  job: string,
  onDamage: (damage: Damage) => void,
): JobFile {
  const db = openDatabase(path, { readOnly: true })
  return closedOnFailure(db, () => jobReads(db, job, onDamage))
}

export function closedOnFailure<T>(db: Database, work: () => T): T {
  try {
    return work()
  } catch (error) {
    db.close()
    throw error
  }
}

/** The reads, over any connection. */
export function jobReads(db: Database, job: string, onDamage: (damage: Damage) => void): JobFile {
  const grids = gridsOf(db)
  const meta = db.prepare('SELECT value FROM meta WHERE key=?')
  const allSeries = db.prepare('SELECT id, name, type FROM series ORDER BY id')
  const oneSeries = db.prepare('SELECT id, name, type FROM series WHERE name=?')
  const chunk = `SELECT ${CHUNK_COLUMNS} FROM chunk WHERE series=? AND level=?`
  const before = db.prepare(`${chunk} AND t0<? ${BACKWARDS}`)
  const notAfter = db.prepare(`${chunk} AND t0<=? ${BACKWARDS}`)
  const last = db.prepare(`${chunk} ${BACKWARDS}`)
  const from = db.prepare(`${chunk} AND t0>=? AND t0<? ORDER BY t0, t1, id LIMIT ?`)
  const after = db.prepare(`${chunk} AND (t0, t1, id) > (?, ?, ?) ORDER BY t0, t1, id LIMIT ?`)
  const data = db.prepare(
    'SELECT data FROM chunk_data WHERE id=?1 UNION ALL SELECT data FROM tail_data WHERE id=?1',
  )

  const decoded = new Map<number, Points>()

  const chunkOf = (row: Row): Chunk => {
    const place = placeOf(row)
    const id = numberIn(row, 'id')
    const head = unlessDamaged(`the head of chunk ${id}`, () =>
      decodeHead(place, bytesIn(row, 'head')),
    )
    return { ...place, id, head }
  }
  const unlessDamaged = <T>(what: string, read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error
      onDamage({ job, what: `${what}: ${error.message}` })
      return undefined
    }
  }
  const optional = (row: Row | undefined): Chunk | undefined => row && chunkOf(row)
  const file: JobFile = {
    grids,
    sealedThrough() {
      const row = meta.get('sealed_through')
      return row ? numberIn(row, 'value') : 0
    },
    account() {
      const row = meta.get('account')
      return row && textIn(row, 'value')
    },
    series: () => allSeries.all().map(seriesOf),
    seriesNamed(name) {
      const row = oneSeries.get(name)
      return row && seriesOf(row)
    },
    chunks(series, level, start, end, limit = NO_LIMIT) {
      const first = file.chunkBefore(series, level, start)
      const rest = from.all(series, level, finite(start), finite(end), limit).map(chunkOf)
      return first && first.t1 >= start ? [first, ...rest] : rest
    },
    chunkBefore: (series, level, t, inclusive = false) =>
      optional((inclusive ? notAfter : before).get(series, level, finite(t))),
    chunksAfter: ({ series, level, t0, t1, id }, limit) =>
      after.all(series, level, t0, t1, id, limit).map(chunkOf),
    firstChunk: (series, level) =>
      from.all(series, level, -Number.MAX_VALUE, Number.MAX_VALUE, 1).map(chunkOf)[0],
    lastChunk: (series, level) => optional(last.get(series, level)),
    points({ id }) {
      const known = decoded.get(id)
      if (known) return known
      const row = data.get(id)
      const points = unlessDamaged(`chunk ${id}`, () => {
        if (!row) throw new DamagedBytes('Its data are missing.')
        return decodeChunk(bytesIn(row, 'data'))
      })
      if (decoded.size >= MAX_DECODED_CHUNKS) decoded.clear()
      if (points) decoded.set(id, points)
      return points
    },
    changed(id) {
      if (id === undefined) decoded.clear()
      else decoded.delete(id)
    },
    inSnapshot(work) {
      db.exec('BEGIN')
      try {
        return work()
      } finally {
        decoded.clear()
        db.exec('COMMIT')
      }
    },
    close: () => db.close(),
  }
  return file
}

function gridsOf(db: Database): Grids {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
  const grids = gridsOfVersion(version)
  if (grids) return grids
  throw new PlotlineError(
    'STORAGE_FAILED',
    `A metrics.db has the version ${version}, which this Plotline does not know: a newer one wrote it, or it is damaged.`,
  )
}

/** SQLite compares REAL with INTEGER exactly, infinities too, but some drivers refuse to bind them. */
const finite = (t: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, t))

function placeOf(row: Row): ChunkPlace {
  return {
    series: numberIn(row, 'series'),
    level: numberIn(row, 'level'),
    t0: numberIn(row, 't0'),
    t1: numberIn(row, 't1'),
    points: numberIn(row, 'points'),
  }
}

function seriesOf(row: Row): StoredSeries {
  const type = textIn(row, 'type') === 'counter' ? 'counter' : 'gauge'
  return { id: numberIn(row, 'id'), name: textIn(row, 'name'), type }
}
