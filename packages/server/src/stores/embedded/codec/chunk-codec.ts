import type { Points } from '../points.ts'
import { ByteReader, DamagedBytes } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { checked, writeCrc } from './checked-bytes.ts'
import { readColumn, writeColumn, type Effort } from './column.ts'

const VERSION = 1
const SINGLE = 1
const CARRY = 2
const ESTIMATED = 4
/** Far above what is ever written: a damaged count must not allocate without end. */
const MAX_POINTS = 65_536

const writer = new ByteWriter()

/** The bytes of docs/format/chunk.md. At least one point. */
export function encodeChunk(points: Points, effort: Effort = 'best'): Uint8Array {
  writer.clear()
  const flags = flagsOf(points)
  writer.u8(VERSION)
  writer.u8(flags)
  writer.varint(points.length)
  writeColumn(writer, points.t, effort)
  writeColumn(writer, points.last, effort)
  if (!(flags & SINGLE))
    for (const column of [points.min, points.max, points.sum, points.count])
      writeColumn(writer, column, effort)
  if (flags & CARRY) writeColumn(writer, points.carry, effort)
  if (flags & ESTIMATED) writeColumn(writer, Float64Array.from(points.estimated), effort)
  writeCrc(writer)
  return writer.written().slice()
}

/** Throws `DamagedBytes`. Columns of single points are one array: read them only. */
export function decodeChunk(bytes: Uint8Array): Points {
  const reader = new ByteReader(checked(bytes))
  const version = reader.u8()
  if (version !== VERSION) throw new DamagedBytes(`A chunk has the unknown version ${version}.`)
  const flags = reader.u8()
  const length = reader.varint()
  if (length === 0 || length > MAX_POINTS) throw new DamagedBytes('A chunk has no such length.')
  const column = (): Float64Array => readColumn(reader, length)
  const t = column()
  const last = column()
  const hasOneColumn = (flags & SINGLE) !== 0
  const [min, max, sum, count] = hasOneColumn
    ? [last, last, last, new Float64Array(length).fill(1)]
    : [column(), column(), column(), column()]
  const carry = flags & CARRY ? column() : new Float64Array(length)
  const estimated = flags & ESTIMATED ? Uint8Array.from(column()) : new Uint8Array(length)
  return { length, t, last, min, max, sum, count, carry, estimated }
}

function flagsOf(points: Points): number {
  return (
    (isSingle(points) ? SINGLE : 0) |
    (points.carry.some((carry) => carry !== 0) ? CARRY : 0) |
    (points.estimated.includes(1) ? ESTIMATED : 0)
  )
}

function isSingle({ last, min, max, sum, count }: Points): boolean {
  for (let i = 0; i < last.length; i++) {
    const value = last[i]
    if (count[i] !== 1) return false
    if (!Object.is(min[i], value) || !Object.is(max[i], value) || !Object.is(sum[i], value))
      return false
  }
  // A NaN's bits are not Object.is's business: keep the four columns.
  return !last.some(Number.isNaN)
}
