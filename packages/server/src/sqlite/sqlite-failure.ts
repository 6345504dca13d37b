/** Kinds of failure that callers tell apart; SQLite's primary result codes. */
export type SqliteFailure =
  | 'full'
  | 'busy'
  | 'read-only'
  | 'io'
  | 'corrupt'
  | 'cannot-open'
  | 'other'

const BY_NAME: readonly (readonly [string, SqliteFailure])[] = [
  ['SQLITE_FULL', 'full'],
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_IOERR', 'io'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_CANTOPEN', 'cannot-open'],
]
const BY_NUMBER: Readonly<Record<number, SqliteFailure>> = {
  5: 'busy',
  6: 'busy',
  8: 'read-only',
  10: 'io',
  11: 'corrupt',
  13: 'full',
  14: 'cannot-open',
  26: 'corrupt',
}

/** What kind of failure a driver threw: libsql names it, `node:sqlite` numbers it (extended codes keep the primary in the low byte). */
export function sqliteFailure(error: unknown): SqliteFailure {
  if (!(error instanceof Error)) return 'other'
  if ('errcode' in error && typeof error.errcode === 'number')
    return BY_NUMBER[error.errcode & 0xff] ?? 'other'
  const code = 'code' in error ? String(error.code) : ''
  const named = BY_NAME.find(([name]) => code.startsWith(name))
  if (named) return named[1]
  return error.message.includes('Unable to open connection') ? 'cannot-open' : 'other'
}
