import type { MetricType } from '@plotline/api'
import type { Damage } from '../../metrics/metric-store.ts'
import {
  closedOnFailure,
  openDatabase,
  type Database,
  type Row,
  type Statement,
} from '../../sqlite/database.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { crcAtEnd } from './codec/checked-bytes.ts'
import { decodeChunk } from './codec/chunk-codec.ts'
import { decodeHead, type ChunkHead, type ChunkPlace } from './codec/head-codec.ts'
import { rowCrc } from './codec/row-crc.ts'
import { JOB_FILE_SCHEMAS, HAS_ROW_CRC } from './job-file-schema.ts'
import { gridsOfVersion, type Grids } from './levels.ts'
import type { Points } from './points.ts'
import { versionOf } from './schema.ts'
import { bytesIn, numberIn, textIn } from './sql-row.ts'

/** A job's metrics.db, open for reading. Every call sees what is committed; `inSnapshot` holds several to one state. */
export interface JobFile {
  readonly version: number
  readonly grids: Grids
  /** Undefined where it is damaged: then any tick may be in the file, or none. */
  sealedThrough(): number | undefined
  /** JSON; empty where there is none. */
  account(): string
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

/** One whose head is whole: nothing is known of others, not even whose they are. */
export interface Chunk extends ChunkPlace {
  readonly id: number
  readonly head: ChunkHead
}

const CHUNK_COLUMNS = 'id, series, level, t0, t1, points, head'
const BACKWARDS = 'ORDER BY t0 DESC, t1 DESC, id DESC LIMIT ?'
const NO_LIMIT = -1
/** How far to look for a whole chunk beside damaged ones. */
const LOOKED_AT = 1000
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

/** The reads, over any connection. */
export function jobReads(db: Database, job: string, onDamage: (damage: Damage) => void): JobFile {
  const version = versionOf(db, JOB_FILE_SCHEMAS, `${job}/metrics.db`)
  const grids = gridsOfVersion(version)
  const rowCrcs = version >= HAS_ROW_CRC
  const crcColumn = rowCrcs ? ', crc' : ''
  const meta = db.prepare(`SELECT value${crcColumn} FROM meta WHERE key=?`)
  const seriesSql = `SELECT id, name, type${crcColumn} FROM series`
  const allSeries = db.prepare(`${seriesSql} NOT INDEXED ORDER BY id`)
  const oneSeries = db.prepare(`${seriesSql} WHERE name=?`)
  const unindexedSeries = db.prepare(`${seriesSql} NOT INDEXED WHERE name=?`)
  const chunkSql = `SELECT ${CHUNK_COLUMNS} FROM chunk WHERE series=? AND level=?`
  const before = db.prepare(`${chunkSql} AND t0<? ${BACKWARDS}`)
  const notAfter = db.prepare(`${chunkSql} AND t0<=? ${BACKWARDS}`)
  const newest = db.prepare(`${chunkSql} ${BACKWARDS}`)
  const from = db.prepare(`${chunkSql} AND t0>=? AND t0<? ORDER BY t0, t1, id LIMIT ?`)
  const after = db.prepare(`${chunkSql} AND (t0, t1, id) > (?, ?, ?) ORDER BY t0, t1, id LIMIT ?`)
  const data = db.prepare(
    'SELECT data FROM chunk_data WHERE id=?1 UNION ALL SELECT data FROM tail_data WHERE id=?1',
  )

  const decoded = new Map<number, Points>()

  const report = (what: string): undefined => {
    onDamage({ job, what })
    return undefined
  }
  const unlessDamaged = <T>(what: string, read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error
      return report(`${what}: ${error.message}`)
    }
  }
  const valueOf = (key: string): string | number | undefined => {
    const row = meta.get(key)
    const value = row?.['value']
    if (typeof value === 'string' || typeof value === 'number')
      if (!rowCrcs || row?.['crc'] === rowCrc('meta', key, value)) return value
    return rowCrcs ? report(key) : undefined
  }
  const seriesIn = (row: Row): StoredSeries | undefined =>
    unlessDamaged(`a series`, () => seriesOf(row, rowCrcs))
  /** `series` and `level`: those that were asked for, whatever a damaged index gave. */
  const chunkOf = (row: Row, series: number, level: number): Chunk | undefined =>
    unlessDamaged(`the head of chunk ${String(row['id'])}`, () => {
      const place = placeOf(row)
      const head = decodeHead(place, bytesIn(row, 'head'), version)
      if (place.series !== series || place.level !== level)
        throw new DamagedBytes('It is found in the place of another.')
      return { ...place, id: numberIn(row, 'id'), head }
    })
  /** In order, each once, whatever a damaged index gave. */
  const chunksIn = (
    rows: readonly Row[],
    series: number,
    level: number,
    start?: ChunkKey,
  ): readonly Chunk[] => {
    const chunks: Chunk[] = []
    for (const row of rows) {
      const chunk = chunkOf(row, series, level)
      const previous = chunks.at(-1) ?? start
      if (!chunk) continue
      if (previous && !isAfter(chunk, previous)) report(`the order of chunk ${chunk.id}`)
      else chunks.push(chunk)
    }
    return chunks
  }
  /** `query`: of a series and level, with other values before its limit. */
  const firstWhole = (
    query: Statement,
    series: number,
    level: number,
    ...times: readonly number[]
  ): Chunk | undefined => {
    const first = query.get(series, level, ...times, 1)
    const chunk = first && chunkOf(first, series, level)
    if (chunk || !first) return chunk
    for (const row of query.all(series, level, ...times, LOOKED_AT)) {
      const other = chunkOf(row, series, level)
      if (other) return other
    }
    return undefined
  }
  const file: JobFile = {
    version,
    grids,
    sealedThrough() {
      const value = valueOf('sealed_through')
      if (typeof value === 'number') return value
      return rowCrcs ? undefined : 0
    },
    account: () => String(valueOf('account') ?? ''),
    series: () => allSeries.all().flatMap((row) => seriesIn(row) ?? []),
    seriesNamed(name) {
      const indexed = oneSeries.get(name)
      const known = indexed && seriesIn(indexed)
      if (known?.name === name) return known
      const row = unindexedSeries.get(name)
      return row && seriesIn(row)
    },
    chunks(series, level, start, end, limit = NO_LIMIT) {
      const first = file.chunkBefore(series, level, start)
      const rest = chunksIn(
        from.all(series, level, finite(start), finite(end), limit),
        series,
        level,
        first,
      )
      return first && first.t1 >= start ? [first, ...rest] : rest
    },
    chunkBefore(series, level, t, inclusive = false) {
      return firstWhole(inclusive ? notAfter : before, series, level, finite(t))
    },
    chunksAfter(start, limit) {
      const { series, level } = start
      const chunks: Chunk[] = []
      for (let key = start; chunks.length < limit;) {
        const rows = after.all(series, level, key.t0, key.t1, key.id, limit)
        chunks.push(...chunksIn(rows, series, level, chunks.at(-1) ?? start))
        const last = rows.at(-1)
        if (!last || rows.length < limit) break
        // Damaged ones were left out: on to those behind them.
        const next = { ...placeOf(last), id: numberIn(last, 'id') }
        if (!isAfter(next, key)) break
        key = next
      }
      return chunks
    },
    firstChunk: (series, level) =>
      firstWhole(from, series, level, -Number.MAX_VALUE, Number.MAX_VALUE),
    lastChunk: (series, level) => firstWhole(newest, series, level),
    points({ id, head, points: count, t0, t1 }) {
      const known = decoded.get(id)
      if (known) return known
      const row = data.get(id)
      const points = unlessDamaged(`chunk ${id}`, () => {
        if (!row) throw new DamagedBytes('Its data are missing.')
        const bytes = bytesIn(row, 'data')
        if (head.dataCrc !== undefined && head.dataCrc !== crcAtEnd(bytes))
          throw new DamagedBytes('Its data are not those of its head.')
        const found = decodeChunk(bytes)
        if (found.length !== count || found.t[0] !== t0 || found.t.at(-1) !== t1)
          throw new DamagedBytes('Its data are those of another.')
        return found
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
      try {
        return db.snapshot(work)
      } finally {
        decoded.clear()
      }
    },
    close: () => db.close(),
  }
  return file
}

/** In the order of (t0, t1, id). */
const isAfter = (a: ChunkKey, b: ChunkKey): boolean =>
  a.t0 - b.t0 > 0 || (a.t0 === b.t0 && (a.t1 - b.t1 > 0 || (a.t1 === b.t1 && a.id > b.id)))

/** SQLite compares REAL with INTEGER exactly, infinities too, but some drivers refuse to bind them. */
const finite = (t: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, t))

export function placeOf(row: Row): ChunkPlace {
  return {
    series: numberIn(row, 'series'),
    level: numberIn(row, 'level'),
    t0: numberIn(row, 't0'),
    t1: numberIn(row, 't1'),
    points: numberIn(row, 'points'),
  }
}

export function seriesOf(row: Row, hasCrc: boolean): StoredSeries {
  const [id, name, type] = [numberIn(row, 'id'), textIn(row, 'name'), textIn(row, 'type')]
  if (hasCrc && row['crc'] !== seriesCrc(id, name, type))
    throw new DamagedBytes('The checksum does not hold.')
  if (type !== 'counter' && type !== 'gauge') throw new DamagedBytes(`There is no type "${type}".`)
  return { id, name, type }
}

export const seriesCrc = (id: number, name: string, type: string): number =>
  rowCrc('series', id, name, type)
