import type { Database, Row } from '../../sqlite/database.ts'
import { isDamagedFile } from './damaged-file.ts'

/**
 * What can be read of a table with an integer key, in order of it, each row once, whatever stands in its pages. Behind a page that
 * cannot be read it feels for the next key that can, by steps that double, and comes back from there.
 */
export function readableRows(db: Database, table: string, key: string): readonly Row[] {
  const from = `SELECT * FROM ${table} NOT INDEXED WHERE ${key}>? AND ${key}<?`
  const up = db.prepare(`${from} ORDER BY ${key} LIMIT 1`)
  const down = db.prepare(`${from} ORDER BY ${key} DESC LIMIT 1`)
  const rows = new Map<number, Row>()
  const keyAfter = (key0: number): number | undefined => {
    const row = readable(() => up.get(key0, Number.MAX_SAFE_INTEGER))
    const found = keyOf(row, key, key0, Number.MAX_SAFE_INTEGER)
    if (row && found !== undefined) rows.set(found, row)
    return row === undefined ? undefined : (found ?? Number.MAX_SAFE_INTEGER)
  }
  const behindHole = (start: number): number => {
    let end: number | undefined
    for (let step = 1; end === undefined && step < Number.MAX_SAFE_INTEGER; step *= 2)
      end = keyAfter(start + step)
    comeBack(end ?? Number.MAX_SAFE_INTEGER, start)
    return end ?? Number.MAX_SAFE_INTEGER
  }
  const comeBack = (end: number, start: number): void => {
    for (let before = end; ;) {
      const row = readable(() => down.get(start, before))
      const found = keyOf(row, key, start, before)
      if (!row || found === undefined) return
      rows.set(found, row)
      before = found
    }
  }
  for (let after = -1; after < Number.MAX_SAFE_INTEGER;) {
    const next = keyAfter(after)
    after = next ?? behindHole(after)
  }
  return Array.from(rows)
    .toSorted(([a], [b]) => a - b)
    .map(([, row]) => row)
}

/** `null`: there is none. Undefined: it cannot be read. */
function readable(read: () => Row | undefined): Row | null | undefined {
  try {
    return read() ?? null
  } catch (error) {
    if (!isDamagedFile(error)) throw error
    return undefined
  }
}

/** Undefined of one that is no row of this range. */
function keyOf(
  row: Row | null | undefined,
  column: string,
  after: number,
  before: number,
): number | undefined {
  const key = row?.[column]
  return typeof key === 'number' && key > after && key < before ? key : undefined
}
