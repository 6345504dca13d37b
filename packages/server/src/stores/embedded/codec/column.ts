import { DamagedBytes, unzigzag, type ByteReader } from './byte-reader.ts'
import { zigzagOf, type ByteWriter } from './byte-writer.ts'
import { decimalsOf, valueOf, type Decimals } from './decimals.ts'
import {
  entropyBits,
  planesOf,
  readBody,
  shuffled,
  unshuffled,
  valuesOfPlanes,
  widthOf,
  writeBody,
} from './planes.ts'

const CONSTANT = 0
const DOUBLES = 1
const DECIMALS = 2
const DECIMALS_AND_ULPS = 3
const MAX_WIDTH = 7

/** 0: values themselves; 1: differences; 2: differences of differences. */
type Order = 0 | 1 | 2
const ORDERS: readonly Order[] = [0, 1, 2]

/** `quick`: for what is soon written again: no deflate, and the fewest bytes before it instead of the best order for it. */
export type Effort = 'quick' | 'best'

/** One column of a chunk, bit for bit (docs/format/chunk.md). At least one value. */
export function writeColumn(writer: ByteWriter, values: Float64Array, effort: Effort): void {
  if (isConstant(values)) {
    writer.u8(CONSTANT)
    writer.f64(values[0] ?? 0)
    return
  }
  const decimals = decimalsOf(values)
  if (decimals) {
    writeDecimals(writer, decimals, effort)
    return
  }
  writer.u8(DOUBLES)
  writeBody(writer, shuffled(values), effort === 'best')
}

export function readColumn(reader: ByteReader, count: number): Float64Array {
  const kind = reader.u8()
  switch (kind) {
    case CONSTANT:
      return new Float64Array(count).fill(reader.f64())
    case DOUBLES:
      return unshuffled(readBody(reader, count * 8))
    case DECIMALS:
    case DECIMALS_AND_ULPS:
      return readDecimals(reader, count, kind === DECIMALS_AND_ULPS)
    default:
      throw new DamagedBytes(`A column has the unknown kind ${kind}.`)
  }
}

function isConstant(values: Float64Array): boolean {
  const first = values[0] ?? 0
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return false
  // NaNs are one to Object.is but may differ in their bits.
  return !Number.isNaN(first) || values.length === 1
}

function writeDecimals(writer: ByteWriter, decimals: Decimals, effort: Effort): void {
  const { exponent, integers, ulps, hasUlps } = decimals
  const best = ORDERS.map((order) => layOut(integers, order, effort)).reduce((a, b) =>
    b.bits < a.bits ? b : a,
  )
  writer.u8(hasUlps ? DECIMALS_AND_ULPS : DECIMALS)
  writer.u8(exponent)
  writer.u8(best.order)
  writer.zigzag(best.base)
  if (best.order === 2) writer.zigzag(best.firstDelta)
  writer.u8(best.width)
  writeBody(writer, planesOf(best.rest, best.width), effort === 'best')
  if (hasUlps) writeBody(writer, planesOf(ulps.map(zigzagOf), 1), effort === 'best')
}

interface Layout {
  readonly order: Order
  readonly base: number
  readonly firstDelta: number
  readonly rest: Float64Array
  readonly width: number
  readonly bits: number
}

function layOut(integers: Float64Array, order: Order, effort: Effort): Layout {
  const base = order === 0 ? least(integers) : (integers[0] ?? 0)
  const firstDelta = (integers[1] ?? base) - (integers[0] ?? 0)
  const rest = restOf(integers, order, base, firstDelta)
  let largest = 0
  for (const value of rest) if (value > largest) largest = value
  const width = widthOf(largest)
  const bits =
    effort === 'best' ? entropyBits(planesOf(rest, width), width) : rest.length * width * 8
  return { order, base, firstDelta, rest, width, bits }
}

function least(values: Float64Array): number {
  let smallest = values[0] ?? 0
  for (const value of values) if (value < smallest) smallest = value
  return smallest
}

function restOf(integers: Float64Array, order: Order, base: number, delta: number): Float64Array {
  const rest = new Float64Array(Math.max(0, integers.length - order))
  let last = integers[order - 1] ?? 0
  let lastDelta = delta
  for (let i = 0; i < rest.length; i++) {
    const value = integers[i + order] ?? 0
    if (order === 0) rest[i] = value - base
    else if (order === 1) rest[i] = zigzagOf(value - last)
    else rest[i] = zigzagOf(value - last - lastDelta)
    lastDelta = value - last
    last = value
  }
  return rest
}

function readDecimals(reader: ByteReader, count: number, hasUlps: boolean): Float64Array {
  const exponent = reader.u8()
  const order = reader.u8()
  const base = reader.zigzag()
  const firstDelta = order === 2 ? reader.zigzag() : 0
  const width = reader.u8()
  if (order > 2 || width > MAX_WIDTH) throw new DamagedBytes('A column has no such form.')
  const restCount = Math.max(0, count - order)
  const rest = valuesOfPlanes(readBody(reader, restCount * width), restCount, width)
  const integers = integersOf(rest, count, order, base, firstDelta)
  return valuesOf(integers, exponent, hasUlps ? readBody(reader, count) : undefined)
}

function integersOf(
  rest: Float64Array,
  count: number,
  order: number,
  base: number,
  firstDelta: number,
): Float64Array {
  const integers = new Float64Array(count)
  if (order === 0) {
    for (let i = 0; i < count; i++) integers[i] = (rest[i] ?? 0) + base
    return integers
  }
  integers[0] = base
  if (order === 2 && count > 1) integers[1] = base + firstDelta
  let delta = firstDelta
  for (let i = order; i < count; i++) {
    const step = unzigzag(rest[i - order] ?? 0)
    delta = order === 2 ? delta + step : step
    integers[i] = (integers[i - 1] ?? 0) + delta
  }
  return integers
}

/** Hot path (bench/query-span.mjs): loops, a fifth of what the same took as `map`. */
function valuesOf(
  integers: Float64Array,
  exponent: number,
  ulps: Uint8Array | undefined,
): Float64Array {
  if (exponent === 0 && !ulps) return integers
  const values = new Float64Array(integers.length)
  for (let i = 0; i < values.length; i++)
    values[i] = valueOf(integers[i] ?? 0, exponent, ulps ? unzigzag(ulps[i] ?? 0) : 0)
  return values
}
