import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { PlotlineError } from '../../errors.ts'
import { openDatabase, type Database } from '../../sqlite/database.ts'
import { syncToDisk } from '../../sync-to-disk.ts'
import { JOB_FILE_SCHEMAS } from './job-file-schema.ts'
import { DamagedFile, isDamagedFile } from './damaged-file.ts'
import { versionOf } from './schema.ts'
import { storeFailure } from './store-failure.ts'
import { removeIfThere } from './store-folder.ts'

/** From one metrics.db to a new one. */
export interface JobFileCopy {
  readonly from: string
  readonly to: string
  /** It comes from elsewhere: it is looked at closely before anything is taken from it. */
  readonly isForeign: boolean
}

/** What the thread that copies answers. */
export interface CopyCalls {
  copy(): Promise<void>
}

/** One state of the file, whatever is written to it meanwhile; on the disk when it returns, or not there at all. */
export function copyJobFile({ from, to, isForeign }: JobFileCopy): void {
  try {
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    removeIfThere(to)
    withSource(from, isForeign, (source) => {
      if (isForeign) check(source)
      source.prepare('VACUUM INTO ?').run(to)
    })
    if (isForeign) setToWal(to)
    syncToDisk(to)
    syncToDisk(dirname(to))
  } catch (error) {
    removeIfThere(to)
    throw storeFailure(error, dirname(to))
  }
}

/** https://www.sqlite.org/fileformat2.html#file_format_version_numbers */
const WAL_VERSIONS = { offset: 18, bytes: Uint8Array.of(2, 2) }

/**
 * Who opened the file, once it is in its place, would set it to WAL by a transaction with a journal. A power cut can bring that back
 * after it was deleted, and a reader, which cannot roll it back, refuses the file then.
 */
function setToWal(path: string): void {
  const file = openSync(path, 'r+')
  try {
    writeSync(file, WAL_VERSIONS.bytes, 0, WAL_VERSIONS.bytes.length, WAL_VERSIONS.offset)
  } finally {
    closeSync(file)
  }
}

function withSource(path: string, isForeign: boolean, work: (source: Database) => void): void {
  let source: Database | undefined
  try {
    source = openDatabase(path, { readOnly: true })
    // SQLite takes the new file for a write of this connection; the file itself is opened read-only all the same.
    source.exec('PRAGMA query_only=OFF')
    work(source)
  } catch (error) {
    if (isForeign && isDamagedFile(error)) throw badFile('it is no whole database')
    throw error
  } finally {
    source?.close()
  }
}

/** Exactly our tables, so that nothing in the file can make SQLite do anything, and no page of it damaged. */
function check(source: Database): void {
  if (!hasOwnTables(source)) throw badFile('it has other tables')
  const row = source.prepare('PRAGMA integrity_check(1)').get()
  if (row?.['integrity_check'] !== 'ok') throw badFile(String(row?.['integrity_check']))
}

function hasOwnTables(source: Database): boolean {
  try {
    return versionOf(source, JOB_FILE_SCHEMAS, 'It') > 0
  } catch (error) {
    if (error instanceof DamagedFile || error instanceof PlotlineError) return false
    throw error
  }
}

const badFile = (why: string): PlotlineError =>
  new PlotlineError('BAD_ARCHIVE', `The file of metrics cannot be taken: ${why}.`)
