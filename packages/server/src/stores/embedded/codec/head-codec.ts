import { crc32 } from 'node:zlib'
import { ByteReader, DamagedBytes, unzigzag } from './byte-reader.ts'
import { ByteWriter, zigzagOf } from './byte-writer.ts'
import { checked } from './checked-bytes.ts'

/** Where a chunk stands: the plain columns of its row. */
export interface ChunkPlace {
  readonly series: number
  readonly level: number
  readonly t0: number
  readonly t1: number
  readonly points: number
}
/** What is known of a chunk without its data; see docs/format/metrics-db.md. */
export interface ChunkHead {
  readonly samples: number
  readonly last: number
  readonly carry: number
  readonly min: number
  readonly max: number
  readonly sum: number
  readonly before: number
  readonly beforeCarry: number
  /** Since version 3: the crc32 that ends the chunk's data, so that no other chunk's pass for them. */
  readonly dataCrc: number | undefined
}

const LARGEST_PACKED_INTEGER = 2 ** 49
const FIRST_WITH_DATA_CRC = 3

const writer = new ByteWriter()

/** `version`: that of the file. */
export function encodeHead(place: ChunkPlace, head: ChunkHead, version: number): Uint8Array {
  writer.clear()
  for (const value of [
    head.samples,
    head.last,
    head.carry,
    head.min,
    head.max,
    head.sum,
    head.before,
    head.beforeCarry,
  ])
    writePacked(value)
  if (version >= FIRST_WITH_DATA_CRC) writer.u32(head.dataCrc ?? 0)
  writer.u32(crcOf(place, version, writer.written()))
  return writer.written().slice()
}

/** Throws `DamagedBytes`, also where the head is another place's. */
export function decodeHead(place: ChunkPlace, bytes: Uint8Array, version: number): ChunkHead {
  const body = checked(bytes, (packed) => crcOf(place, version, packed))
  const reader = new ByteReader(body)
  const head = {
    samples: readPacked(reader),
    last: readPacked(reader),
    carry: readPacked(reader),
    min: readPacked(reader),
    max: readPacked(reader),
    sum: readPacked(reader),
    before: readPacked(reader),
    beforeCarry: readPacked(reader),
    dataCrc: version >= FIRST_WITH_DATA_CRC ? reader.u32() : undefined,
  }
  if (reader.at !== body.length) throw new DamagedBytes('A head is too long.')
  return head
}

function crcOf(
  { series, level, t0, t1, points }: ChunkPlace,
  version: number,
  packed: Uint8Array,
): number {
  const place = [series, level, t0, t1, points]
  // A version that a flipped bit makes of another must not fit.
  if (version >= FIRST_WITH_DATA_CRC) place.push(version)
  return crc32(packed, crc32(new Uint8Array(new Float64Array(place).buffer)))
}

function writePacked(value: number): void {
  if (
    Number.isInteger(value) &&
    Math.abs(value) <= LARGEST_PACKED_INTEGER &&
    !Object.is(value, -0)
  ) {
    writer.varint(zigzagOf(value) + 1)
    return
  }
  writer.varint(0)
  writer.f64(value)
}

function readPacked(reader: ByteReader): number {
  const packed = reader.varint()
  return packed === 0 ? reader.f64() : unzigzag(packed - 1)
}
