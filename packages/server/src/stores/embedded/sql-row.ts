import type { Row } from '../../sqlite/database.ts'
import { DamagedBytes } from './codec/byte-reader.ts'

/** A column of a row that our own schema made a number; only damage makes it anything else. */
export function numberIn(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new DamagedBytes(`The column ${column} is no number.`)
  return value
}

export function textIn(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new DamagedBytes(`The column ${column} is no text.`)
  return value
}

export function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column]
  if (!(value instanceof Uint8Array)) throw new DamagedBytes(`The column ${column} is no blob.`)
  return value
}
