import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Driver, Row, SqlValue, Statement } from './database.ts'

/** The part of npm `libsql` that we call; its own types stand for another package. */
interface LibsqlStatement {
  run(params: readonly SqlValue[]): { changes: number }
  get(params: readonly SqlValue[]): RawRow | undefined
  iterate(params: readonly SqlValue[]): Iterable<RawRow>
  columns(): readonly { readonly name: string }[]
}
interface LibsqlDatabase {
  exec(sql: string): void
  prepare(sql: string): LibsqlStatement
  close(): void
}
type LibsqlConstructor = new (path: string) => LibsqlDatabase
type RawRow = Record<string, SqlValue | ArrayBuffer | object>

const require = createRequire(import.meta.url)

/**
 * libsql 0.5 ignores its `readonly` option: only the URI's `mode=ro` holds (seen; pinned by a test). By default it reads through a
 * layer for encrypted files that takes a read that failed for one that did not (seen): its pages are garbage then, which a
 * checkpoint writes into the file. `vfs=unix` goes without that layer.
 */
export function openLibsql(path: string, readOnly: boolean): Driver {
  const Libsql = require('libsql') as LibsqlConstructor
  const database = new Libsql(`${pathToFileURL(path).href}?vfs=unix${readOnly ? '&mode=ro' : ''}`)
  return {
    exec: (sql) => database.exec(sql),
    prepare: (sql) =>
      isQuery(sql) ? query(database, sql) : statement(() => database.prepare(sql), plainRow),
    close: () => database.close(),
  }
}

const isQuery = (sql: string): boolean => /^\s*SELECT\b/i.test(sql)

/**
 * The driver takes every text for UTF-8 and aborts the process where one is not, as a damaged page may hold, also in the place of a
 * blob or a number. So texts come in hexadecimal.
 */
function query(database: LibsqlDatabase, sql: string): Statement {
  const names = database
    .prepare(sql)
    .columns()
    .map(({ name }) => name)
  const columns = names
    .map((name) => `"${name.replaceAll('"', '""')}"`)
    .map((name) => `CASE typeof(${name}) WHEN 'text' THEN hex(${name}) ELSE ${name} END AS ${name}`)
  const inHex = `SELECT ${columns.join(', ')} FROM (${sql})`
  return statement(
    () => database.prepare(inHex),
    (raw) => {
      const row: Record<string, SqlValue> = {}
      for (const name of names) row[name] = unhexed(plainValue(raw[name]))
      return row
    },
  )
}

const unhexed = (value: SqlValue): SqlValue =>
  typeof value === 'string' ? Buffer.from(value, 'hex').toString('utf8') : value

/**
 * `all` goes by `iterate`: the driver's own returns other objects for blobs. It has a statement of its own: after rows were iterated the
 * driver's `get` goes on with them, whatever it is bound to (seen in 0.5.29; pinned by a test).
 */
function statement(prepare: () => LibsqlStatement, rowOf: (row: RawRow) => Row): Statement {
  const one = prepare()
  let many: LibsqlStatement | undefined
  const rows = (params: readonly SqlValue[]): Iterable<RawRow> =>
    (many ??= prepare()).iterate(params)
  return {
    run: (...params) => ({ changes: one.run(params).changes }),
    get(...params) {
      const row = one.get(params)
      return row && rowOf(row)
    },
    all: (...params) => Array.from(rows(params), rowOf),
    *iterate(...params) {
      for (const row of rows(params)) yield rowOf(row)
    },
  }
}

/** Without the driver's `_metadata`. */
function plainRow(raw: RawRow): Row {
  const row: Record<string, SqlValue> = {}
  for (const [column, value] of Object.entries(raw))
    if (column !== '_metadata') row[column] = plainValue(value)
  return row
}

/** Blobs come as the one or the other. */
const plainValue = (value: RawRow[string] | undefined): SqlValue =>
  value instanceof ArrayBuffer ? new Uint8Array(value) : (value as SqlValue)
