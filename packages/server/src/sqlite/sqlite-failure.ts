/** Kinds of failure that callers tell apart; SQLite's primary result codes. */
export type SqliteFailure =
  | 'full'
  | 'busy'
  | 'read-only'
  | 'io'
  /** Of a page that the disk cannot read SQLite says so too (it makes SQLITE_CORRUPT of EIO): see `readThrough`. */
  | 'corrupt'
  | 'cannot-open'
  /** SQLite does not take the statement or a value of it. */
  | 'refused'
  /** No failure of SQLite. */
  | 'other'

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
/** The file ends within a page: an extended code, unlike all others here. */
const SHORT_READ = 522

/** What kind of failure a driver threw. Extended codes keep the primary one in the low byte. */
export function sqliteFailure(error: unknown): SqliteFailure {
  if (!(error instanceof Error)) return 'other'
  // A number that no JavaScript number holds: none of ours is so large.
  if ('code' in error && error.code === 'ERR_OUT_OF_RANGE') return 'corrupt'
  const code = resultCodeOf(error)
  if (code === undefined) return 'other'
  return code === SHORT_READ ? 'corrupt' : (BY_NUMBER[code & 0xff] ?? 'refused')
}

/** `node:sqlite` has it as `errcode`, libsql as `rawCode`, or in its text where a file could not be opened. */
function resultCodeOf(error: Error): number | undefined {
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode
  if ('rawCode' in error && typeof error.rawCode === 'number') return error.rawCode
  const atOpen = /Unable to open connection .*: (\d+)"\)$/s.exec(error.message)
  return atOpen ? Number(atOpen[1]) : undefined
}
