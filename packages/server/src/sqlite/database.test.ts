import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from './database.ts'
import { sqliteFailure } from './sqlite-failure.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plotline-sqlite-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('openDatabase', () => {
  it('gives back every kind of value as it was stored, by get, all and iterate alike', () => {
    const db = openDatabase(join(folder, 'a.db'))
    db.exec('CREATE TABLE kind(value)')
    const values = [
      1,
      -0,
      1.5,
      2 ** 52,
      5e-324,
      'text',
      '',
      null,
      new Uint8Array([0, 255]),
      new Uint8Array(),
    ]
    const insert = db.prepare('INSERT INTO kind VALUES (?)')
    for (const value of values) expect(insert.run(value).changes).toBe(1)
    const select = db.prepare('SELECT value FROM kind ORDER BY rowid')
    const expected = values.map((value) => ({
      value: value instanceof Uint8Array ? new Uint8Array(value) : value,
    }))
    expect(plain(select.all()).map(bytesAside)).toEqual(expected.map(bytesAside))
    expect(plain(select.iterate()).map(bytesAside)).toEqual(expected.map(bytesAside))
    const blob = db.prepare("SELECT value FROM kind WHERE typeof(value) = 'blob'").get()
    expect(Array.from(blob?.['value'] as Uint8Array)).toEqual([0, 255])
    expect(db.prepare('SELECT 1 WHERE 0').get()).toBeUndefined()
    db.close()
  })

  it('gives text that is no UTF-8, as damage may leave it, without harm', () => {
    const db = openDatabase(join(folder, 'a.db'))
    db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, a, "odd "" name");
      INSERT INTO t VALUES (1, CAST(X'41ff42' AS TEXT), 'naïve'), (2, 'a' || char(0) || 'b', 7)`)
    expect(plain(db.prepare('SELECT * FROM t ORDER BY id DESC').all())).toEqual([
      { id: 2, a: 'a\0b', 'odd " name': 7 },
      { id: 1, a: 'A\ufffdB', 'odd " name': 'naïve' },
    ])
    expect(db.prepare('SELECT count(*), max(a) AS a FROM t').get()).toMatchObject({
      'count(*)': 2,
      a: 'a\0b',
    })
    db.close()
  })

  it('answers each call by what it is given, whatever the statement answered before', () => {
    const db = openDatabase(join(folder, 'a.db'))
    db.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3), (4)')
    const select = db.prepare('SELECT a FROM t WHERE a>=? AND a<=? LIMIT ?')
    const calls: readonly (() => void)[] = [
      () => expect(select.get(3, 4, 1)).toMatchObject({ a: 3 }),
      () => expect(select.get(2, 4, 9)).toMatchObject({ a: 2 }),
      () => expect(select.get(9, 9, 1)).toBeUndefined(),
      () => expect(plain(select.all(2, 3, 9))).toEqual([{ a: 2 }, { a: 3 }]),
      () => expect(select.all(1, 4, 1)).toHaveLength(1),
      () => expect(select.all(9, 9, 1)).toEqual([]),
      () => expect(firstOf(select.iterate(2, 4, 9))).toMatchObject({ a: 2 }),
      () => expect(Array.from(select.iterate(4, 4, 9))).toHaveLength(1),
    ]
    for (const before of calls)
      for (const after of calls) {
        before()
        after()
      }
    db.close()
  })

  it('keeps WAL, FULL and the page size', () => {
    const db = openDatabase(join(folder, 'a.db'), { pageSizeBytes: 16384 })
    expect(db.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
    expect(db.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 })
    expect(db.prepare('PRAGMA page_size').get()).toMatchObject({ page_size: 16384 })
    db.close()
  })

  it('refuses every write of a reader, also where the path needs escaping', () => {
    const path = join(folder, 'odd ?#% name.db')
    const writer = openDatabase(path)
    writer.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)')
    const reader = openDatabase(path, { readOnly: true })
    expect(reader.prepare('SELECT a FROM t').get()).toMatchObject({ a: 1 })
    expect(() => reader.exec('INSERT INTO t VALUES (2)')).toThrow(/readonly/)
    reader.close()
    writer.close()
  })

  it('rolls a transaction back when its work throws', () => {
    const db = openDatabase(join(folder, 'a.db'))
    db.exec('CREATE TABLE t(a)')
    const failing = () =>
      db.transaction(() => {
        db.exec('INSERT INTO t VALUES (1)')
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(db.transaction(() => db.prepare('SELECT count(*) AS n FROM t').get())).toMatchObject({
      n: 0,
    })
    db.close()
  })

  it('names its failures', () => {
    expect(failureOf(() => openDatabase(join(folder, 'no', 'a.db')))).toBe('cannot-open')
    const db = openDatabase(join(folder, 'a.db'))
    db.exec('CREATE TABLE t(a)')
    expect(
      failureOf(() => db.exec('PRAGMA max_page_count=2; INSERT INTO t VALUES (zeroblob(100000))')),
    ).toBe('full')
    db.close()
  })
})

/** Blobs compare by their bytes, whatever class the driver gives. */
const bytesAside = (row: Record<string, unknown>) =>
  row['value'] instanceof Uint8Array ? { value: Array.from(row['value']) } : row

const firstOf = <T>(items: Iterable<T>): T | undefined => {
  for (const item of items) return item
  return undefined
}

const plain = (rows: Iterable<object>) => Array.from(rows, (row) => ({ ...row }))

const failureOf = (work: () => void) => {
  try {
    work()
  } catch (error) {
    return sqliteFailure(error)
  }
  return undefined
}
