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
      isQuery(sql) ? query(database, sql) : statement(database.prepare(sql), plainRow),
    close: () => database.close(),
  }
}

const isQuery = (sql: string): boolean => /^\s*SELECT\b/i.test(sql)

/**
 * The driver takes every text for UTF-8 and aborts the process where one is not, as a damaged page may hold, also in the place of a
 * blob or a number. So texts come in hexadecimal.
 */
function query(database: LibsqlDatabase, sql: string): Statement {
  const columns = database
    .prepare(sql)
    .columns()
    .map(({ name }) => name.replaceAll('"', '""'))
    .map(
      (name) =>
        `CASE typeof("${name}") WHEN 'text' THEN hex("${name}") ELSE "${name}" END AS "${name}"`,
    )
  return statement(database.prepare(`SELECT ${columns.join(', ')} FROM (${sql})`), (row) =>
    Object.fromEntries(
      Object.entries(plainRow(row)).map(([column, value]) => [column, unhexed(value)]),
    ),
  )
}

const unhexed = (value: SqlValue): SqlValue =>
  typeof value === 'string' ? Buffer.from(value, 'hex').toString('utf8') : value

/** `all` goes by `iterate`: the driver's own returns other objects for blobs. */
function statement(raw: LibsqlStatement, rowOf: (row: RawRow) => Row): Statement {
  return {
    run: (...params) => ({ changes: raw.run(params).changes }),
    get(...params) {
      const row = raw.get(params)
      return row && rowOf(row)
    },
    all: (...params) => Array.from(raw.iterate(params), rowOf),
    *iterate(...params) {
      for (const row of raw.iterate(params)) yield rowOf(row)
    },
  }
}

/** Without the driver's `_metadata`, blobs as Uint8Array. */
function plainRow(raw: RawRow): Row {
  const row: Record<string, SqlValue> = {}
  for (const [column, value] of Object.entries(raw)) {
    if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value)
    else if (value === null || typeof value !== 'object' || value instanceof Uint8Array)
      row[column] = value
  }
  return row
}
