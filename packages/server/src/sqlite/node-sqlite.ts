import type { Driver, Row, SqlValue, Statement } from './database.ts'

/** The part of `node:sqlite` that we call; Node 20's types do not have it. */
interface NodeStatement {
  run(...params: readonly SqlValue[]): { changes: number | bigint }
  get(...params: readonly SqlValue[]): Row | undefined
  all(...params: readonly SqlValue[]): readonly Row[]
  iterate(...params: readonly SqlValue[]): Iterable<Row>
}
interface NodeDatabase {
  exec(sql: string): void
  prepare(sql: string): NodeStatement
  close(): void
}
interface NodeSqlite {
  DatabaseSync: new (path: string, options: { readOnly: boolean }) => NodeDatabase
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

/** Present, and without a flag, since Node 22.13. */
export const hasNodeSqlite = (): boolean => major > 22 || (major === 22 && minor >= 13)

export function openNodeSqlite(path: string, readOnly: boolean): Driver {
  const database = new (nodeSqlite().DatabaseSync)(path, { readOnly })
  let isOpen = true
  return {
    exec: (sql) => database.exec(sql),
    prepare: (sql) => statement(database.prepare(sql)),
    close() {
      // It throws at the second time, where the other driver does nothing.
      if (isOpen) database.close()
      isOpen = false
    },
  }
}

/** Node warns once that the module is experimental; people who run a server can do nothing with that. */
function nodeSqlite(): NodeSqlite {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    return process.getBuiltinModule('node:sqlite') as unknown as NodeSqlite
  } finally {
    process.emitWarning = emitWarning
  }
}

function statement(raw: NodeStatement): Statement {
  return {
    run: (...params) => ({ changes: Number(raw.run(...params).changes) }),
    get: (...params) => raw.get(...params),
    all: (...params) => raw.all(...params),
    iterate: (...params) => raw.iterate(...params),
  }
}
