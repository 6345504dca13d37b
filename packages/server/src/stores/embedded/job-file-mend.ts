import type { Damage } from '../../metrics/metric-store.ts'
import { closedOnFailure, openDatabase, type Database } from '../../sqlite/database.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { crcAtEnd } from './codec/checked-bytes.ts'
import { decodeHead, type ChunkHead } from './codec/head-codec.ts'
import { isDamagedFile } from './damaged-file.ts'
import { finishFile } from './finish-file.ts'
import { jobReads, placeOf, seriesOf, type StoredSeries } from './job-file.ts'
import { HAS_ROW_CRC, JOB_FILE_SCHEMAS } from './job-file-schema.ts'
import { makeFile, putMeta, putSeries } from './job-file-writer.ts'
import { CHUNK_POINTS, VERSION } from './levels.ts'
import { readableRows } from './readable-rows.ts'
import { versionOf } from './schema.ts'
import { bytesIn, numberIn } from './sql-row.ts'
import { mayBeDamaged } from './store-failure.ts'
import { asideOf, putInPlace, readThrough, removeFiles, sizeOf } from './store-folder.ts'

export interface JobFileMend {
  readonly path: string
  readonly job: string
  /** What the file is taken to hold all ticks of, where it does not tell and holds some. */
  readonly through: number
  readonly report: (damage: Damage) => void
}

/** What is wrong with the structure of a metrics.db; undefined where nothing is. Throws where the disk cannot read it. */
export function faultOf(path: string, job: string): string | undefined {
  if (foundFault(path, job) === undefined) return undefined
  readThrough(path)
  return foundFault(path, job)
}

function foundFault(path: string, job: string): string | undefined {
  if (sizeOf(path) === 0) return undefined
  let db: Database | undefined
  try {
    db = openDatabase(path, { readOnly: true })
    versionOf(db, JOB_FILE_SCHEMAS, `${job}/metrics.db`)
    const found = String(db.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'])
    // It does not look at the ends of long values, which a cut file lacks.
    for (const table of ['chunk_data', 'tail_data'])
      db.prepare(`SELECT max(substr(data, -1)) FROM ${table}`).get()
    return found === 'ok' ? undefined : found
  } catch (error) {
    if (mayBeDamaged(error)) return String(error)
    throw error
  } finally {
    db?.close()
  }
}

/**
 * Moves what can be read of a damaged file to a new one in its place; the damaged one stays beside it. Nothing happens to a file
 * that is whole. Nobody else may have it open for writing.
 */
export function mendJobFile({ path, job, through, report }: JobFileMend): void {
  const fault = faultOf(path, job)
  if (fault === undefined) return
  report({
    job,
    what: `metrics.db: ${fault}. What could be read of it goes on; all else is in ${asideOf(path)}`,
  })
  const fresh = `${path}.new`
  removeFiles(fresh)
  finishFile(readableCopy(path, fresh, { job, through, report }), fresh)
  putInPlace(fresh, path)
}

/** A new file at `fresh`, open. */
function readableCopy(path: string, fresh: string, mend: Omit<JobFileMend, 'path'>): Database {
  let from: Database | undefined
  try {
    const source = (from = openDatabase(path, { readOnly: true }))
    const to = makeFile(fresh, versionOf(source, JOB_FILE_SCHEMAS, path))
    return closedOnFailure(to, () => {
      to.transaction(() => copyTables(source, to, mend))
      return to
    })
  } catch (error) {
    if (!mayBeDamaged(error)) throw error
    removeFiles(fresh)
    return makeFile(fresh, VERSION)
  } finally {
    from?.close()
  }
}

function copyTables(
  from: Database,
  to: Database,
  { job, through, report }: Omit<JobFileMend, 'path'>,
): void {
  const reads = jobReads(from, job, report)
  const known = new Set<number>()
  for (const series of readableSeries(from, reads.version)) {
    putSeries(to, reads.version, series)
    known.add(series.id)
  }
  const chunks = copyChunks(from, to, reads.version, known)
  putMeta(
    to,
    reads.version,
    'account',
    orElse('', () => reads.account()),
  )
  const sealedThrough = orElse(undefined, () => reads.sealedThrough())
  putMeta(to, reads.version, 'sealed_through', sealedThrough ?? (chunks > 0 ? through : 0))
}

function readableSeries(from: Database, version: number): readonly StoredSeries[] {
  return readableRows(from, 'series', 'id').flatMap(
    (row) => orElse(undefined, () => seriesOf(row, version >= HAS_ROW_CRC)) ?? [],
  )
}

/** How many. Those of a series that is lost belong to nobody. */
function copyChunks(
  from: Database,
  to: Database,
  version: number,
  series: ReadonlySet<number>,
): number {
  const put = to.prepare(
    'INSERT INTO chunk(id, series, level, t0, t1, points, head) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const putData = to.prepare('INSERT INTO chunk_data(id, data) VALUES (?, ?)')
  const putTail = to.prepare('INSERT INTO tail_data(id, data) VALUES (?, ?)')
  const dataOf = dataReads(from)
  let count = 0
  for (const row of readableRows(from, 'chunk', 'id')) {
    const place = orElse(undefined, () => placeOf(row))
    const head = place && orElse(undefined, () => decodeHead(place, bytesIn(row, 'head'), version))
    if (!place || !head || !series.has(place.series)) continue
    const id = numberIn(row, 'id')
    put.run(id, place.series, place.level, place.t0, place.t1, place.points, bytesIn(row, 'head'))
    count++
    // A chunk whose data are lost is found so by whoever reads it; its head still tells the totals.
    const data = dataOf(id, head)
    if (data) (place.points < CHUNK_POINTS ? putTail : putData).run(id, data)
  }
  return count
}

function dataReads(from: Database): (id: number, head: ChunkHead) => Uint8Array | undefined {
  const statements = ['chunk_data', 'tail_data'].map((table) =>
    from.prepare(`SELECT data FROM ${table} WHERE id=?`),
  )
  return (id, { dataCrc }) => {
    for (const statement of statements) {
      const row = orElse(undefined, () => statement.get(id))
      const data = row && orElse(undefined, () => bytesIn(row, 'data'))
      if (data && (dataCrc === undefined || crcAtEnd(data) === dataCrc)) return data
    }
    return undefined
  }
}

function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isDamagedFile(error) && !(error instanceof DamagedBytes)) throw error
    return otherwise
  }
}
