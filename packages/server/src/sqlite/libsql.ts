import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Driver, Row, SqlValue, Statement } from './database.ts'

/** The part of npm `libsql` that we call; its own types stand for another package. */
interface LibsqlStatement {
  run(params: readonly SqlValue[]): { changes: number }
  get(params: readonly SqlValue[]): RawRow | undefined
  iterate(params: readonly SqlValue[]): Iterable<RawRow>
}
interface LibsqlDatabase {
  exec(sql: string): void
  prepare(sql: string): LibsqlStatement
  close(): void
}
type LibsqlConstructor = new (path: string) => LibsqlDatabase
type RawRow = Record<string, SqlValue | ArrayBuffer | object>

const require = createRequire(import.meta.url)

/** libsql 0.5 ignores its `readonly` option: only the URI's `mode=ro` holds (seen; pinned by a test). */
export function openLibsql(path: string, readOnly: boolean): Driver {
  const Libsql = require('libsql') as LibsqlConstructor
  const database = new Libsql(readOnly ? `${pathToFileURL(path).href}?mode=ro` : path)
  return {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => statement(database.prepare(sql)),
    close: () => database.close(),
  }
}

/** `all` goes by `iterate`: the driver's own returns other objects for blobs. */
function statement(raw: LibsqlStatement): Statement {
  return {
    run: (...params) => ({ changes: raw.run(params).changes }),
    get(...params) {
      const row = raw.get(params)
      return row && plainRow(row)
    },
    all: (...params) => Array.from(raw.iterate(params), plainRow),
    *iterate(...params) {
      for (const row of raw.iterate(params)) yield plainRow(row)
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
