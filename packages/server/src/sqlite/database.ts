import { openLibsql } from './libsql.ts'
import { hasNodeSqlite, openNodeSqlite } from './node-sqlite.ts'

export type SqlValue = number | string | null | Uint8Array
export type Row = Readonly<Record<string, SqlValue>>

export interface Statement {
  run(...params: readonly SqlValue[]): { readonly changes: number }
  get(...params: readonly SqlValue[]): Row | undefined
  all(...params: readonly SqlValue[]): readonly Row[]
  iterate(...params: readonly SqlValue[]): Iterable<Row>
}

/** What a driver must offer: the part of SQLite that Plotline uses, blobs as Uint8Array, integers as numbers. */
export interface Driver {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

export interface Database extends Driver {
  /** Runs `work` in one transaction (BEGIN IMMEDIATE); an exception rolls it back and goes on to the caller. */
  transaction<T>(work: () => T): T
  /** Runs `work`, which only reads, on one state of the file. */
  snapshot<T>(work: () => T): T
}

export interface DatabaseOptions {
  readonly readOnly?: boolean
  /** FULL (default): a commit survives a power cut. NORMAL: it may be lost then, never torn. */
  readonly synchronous?: 'FULL' | 'NORMAL'
  /** Bytes; of effect only while the file is empty. */
  readonly pageSizeBytes?: number
  /** How long to wait for a lock that another connection holds. */
  readonly busyTimeoutMs?: number
}

const BUSY_TIMEOUT_MS = 5000

/**
 * Opens a SQLite file with the settings that hold for all of ours: WAL, no mmap, foreign keys, an untrusted schema. The driver is
 * Node's own where there is one (>= 22.13), else the prebuilt libsql. A file has at most one connection that writes: both drivers'
 * SQLite may be older than 3.51.3, whose WAL could be corrupted by two.
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): Database {
  const readOnly = options.readOnly ?? false
  const driver = hasNodeSqlite() ? openNodeSqlite(path, readOnly) : openLibsql(path, readOnly)
  try {
    configure(driver, options)
  } catch (error) {
    driver.close()
    throw error
  }
  return {
    ...driver,
    transaction: (work) => transaction(driver, 'BEGIN IMMEDIATE', work),
    snapshot: (work) => transaction(driver, 'BEGIN', work),
  }
}

/** The result of `work`; where it throws, the database is closed. */
export function closedOnFailure<T>(db: Database, work: () => T): T {
  try {
    return work()
  } catch (error) {
    db.close()
    throw error
  }
}

function configure(
  driver: Driver,
  {
    readOnly,
    synchronous = 'FULL',
    pageSizeBytes,
    busyTimeoutMs = BUSY_TIMEOUT_MS,
  }: DatabaseOptions,
): void {
  driver.exec(`PRAGMA busy_timeout=${busyTimeoutMs}; PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF`)
  if (readOnly) return driver.exec('PRAGMA query_only=ON')
  if (pageSizeBytes !== undefined) driver.exec(`PRAGMA page_size=${pageSizeBytes}`)
  driver.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=${synchronous}; PRAGMA foreign_keys=ON`)
}

function transaction<T>(driver: Driver, begin: string, work: () => T): T {
  driver.exec(begin)
  try {
    const result = work()
    driver.exec('COMMIT')
    return result
  } catch (error) {
    rollBack(driver)
    throw error
  }
}

/** On some errors (full disk) SQLite has rolled back by itself, and says so with another error. */
function rollBack(driver: Driver): void {
  try {
    driver.exec('ROLLBACK')
  } catch {
    // No transaction is open: just what was wanted.
  }
}
