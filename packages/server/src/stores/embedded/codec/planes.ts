import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { DamagedBytes, type ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

const AS_IT_IS = 0
const DEFLATED = 1
/** Below, a deflate block's own head takes what it saves. */
const LEAST_TO_DEFLATE_BYTES = 24
/** A chunk has at most 2048 points of 8 bytes: a small window and table, since zlib allocates them anew each time. */
const DEFLATE = { level: 6, windowBits: 13, memLevel: 7, strategy: constants.Z_DEFAULT_STRATEGY }

/** Bytes that `value`, an unsigned integer, takes. */
export function widthOf(value: number): number {
  let width = 1
  for (let rest = value; rest >= 256; rest /= 256) width++
  return width
}

/** Unsigned integers as byte planes: the lowest bytes of all, then the next ones. */
export function planesOf(values: Float64Array, width: number): Uint8Array {
  const count = values.length
  const planes = new Uint8Array(count * width)
  for (let i = 0; i < count; i++) {
    let rest = values[i] ?? 0
    for (let plane = 0; plane < width; plane++) {
      const upper = Math.floor(rest / 256)
      planes[plane * count + i] = rest - upper * 256
      rest = upper
    }
  }
  return planes
}

export function valuesOfPlanes(planes: Uint8Array, count: number, width: number): Float64Array {
  const values = new Float64Array(planes.subarray((width - 1) * count, width * count))
  for (let plane = width - 2; plane >= 0; plane--)
    for (let i = 0; i < count; i++)
      values[i] = (values[i] ?? 0) * 256 + (planes[plane * count + i] ?? 0)
  return values
}

/** Eight planes of doubles as they lie in memory, little-endian. */
export function shuffled(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return transposed(bytes, values.length, 8)
}

export function unshuffled(planes: Uint8Array): Float64Array {
  const bytes = transposed(planes, 8, planes.length / 8)
  return new Float64Array(bytes.buffer)
}

function transposed(bytes: Uint8Array, rows: number, columns: number): Uint8Array {
  const turned = new Uint8Array(bytes.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = bytes[row * columns + column] ?? 0
  return turned
}

/** Bits that the planes would take with the best code of single bytes, planes apart. */
export function entropyBits(planes: Uint8Array, width: number): number {
  const count = planes.length / width
  let bits = 0
  for (let plane = 0; plane < width; plane++)
    bits += planeEntropyBits(planes.subarray(plane * count, (plane + 1) * count))
  return bits
}

const tally = new Uint32Array(256)

function planeEntropyBits(plane: Uint8Array): number {
  tally.fill(0)
  for (let i = 0; i < plane.length; i++) tally[plane[i] ?? 0] = (tally[plane[i] ?? 0] ?? 0) + 1
  let bits = 0
  for (const times of tally) if (times > 0) bits += times * Math.log2(plane.length / times)
  return bits
}

/** `pack`: deflated, where that makes it smaller. */
export function writeBody(writer: ByteWriter, bytes: Uint8Array, pack: boolean): void {
  const deflated =
    pack && bytes.length >= LEAST_TO_DEFLATE_BYTES ? deflateRawSync(bytes, DEFLATE) : undefined
  const smaller = deflated !== undefined && deflated.length < bytes.length
  const body = smaller ? deflated : bytes
  writer.u8(smaller ? DEFLATED : AS_IT_IS)
  writer.varint(body.length)
  writer.bytes(body)
}

/** `length`: what the body must have once unpacked. */
export function readBody(reader: ByteReader, length: number): Uint8Array {
  const packing = reader.u8()
  const bytes = reader.bytes(reader.varint())
  const body = packing === DEFLATED ? inflated(bytes, length) : bytes
  if (packing > DEFLATED || body.length !== length) throw new DamagedBytes('A body does not fit.')
  return body
}

function inflated(bytes: Uint8Array, length: number): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.max(length, 1) })
  } catch (error) {
    throw new DamagedBytes('A body cannot be unpacked.', { cause: error })
  }
}
