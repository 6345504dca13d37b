/** Kinds of failure that callers tell apart; SQLite's primary result codes. */
export type SqliteFailure =
  | 'full'
  | 'busy'
  | 'read-only'
  | 'io'
  | 'corrupt'
  | 'cannot-open'
  /** SQLite does not take the statement or a value of it. */
  | 'refused'
  /** No failure of SQLite. */
  | 'other'

const BY_NAME: readonly (readonly [string, SqliteFailure])[] = [
  ['SQLITE_IOERR_SHORT_READ', 'corrupt'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_IOERR', 'io'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_CANTOPEN', 'cannot-open'],
  ['SQLITE_', 'refused'],
]
/** The file ends within a page: an extended code, unlike all others here. */
const SHORT_READ = 522
const BY_NUMBER: Readonly<Record<number, SqliteFailure>> = {
  1: 'refused',
  5: 'busy',
  6: 'busy',
  8: 'read-only',
  10: 'io',
  11: 'corrupt',
  13: 'full',
  14: 'cannot-open',
  18: 'refused',
  19: 'refused',
  20: 'refused',
  26: 'corrupt',
}

/** What kind of failure a driver threw: libsql names it, `node:sqlite` numbers it (extended codes keep the primary in the low byte). */
export function sqliteFailure(error: unknown): SqliteFailure {
  if (!(error instanceof Error)) return 'other'
  if ('errcode' in error && typeof error.errcode === 'number')
    return error.errcode === SHORT_READ ? 'corrupt' : (BY_NUMBER[error.errcode & 0xff] ?? 'other')
  const code = 'code' in error ? String(error.code) : ''
  // A number that no JavaScript number holds: none of ours is so large.
  if (code === 'ERR_OUT_OF_RANGE') return 'corrupt'
  const named = BY_NAME.find(([name]) => code.startsWith(name))
  if (named) return named[1]
  return error.message.includes('Unable to open connection') ? 'cannot-open' : 'other'
}
