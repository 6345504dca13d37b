import { crc32 } from 'node:zlib'
import { DamagedBytes } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

const CRC_BYTES = 4

/** Ends what was written with its CRC-32, which goes on from `seed`. */
export const writeCrc = (writer: ByteWriter, seed = 0): void =>
  writer.u32(crc32(writer.written(), seed))

/** The CRC-32 that ends `bytes`; 0 where they are too short to have one. */
export function crcAtEnd(bytes: Uint8Array): number {
  const at = bytes.length - CRC_BYTES
  return at < 0 ? 0 : new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true)
}

/** The bytes before the CRC-32 that ends `bytes`, once it holds. */
export function checked(
  bytes: Uint8Array,
  crcOf: (body: Uint8Array) => number = (body) => crc32(body),
): Uint8Array {
  const end = bytes.length - CRC_BYTES
  if (end < 0) throw new DamagedBytes('The bytes end too early.')
  const body = bytes.subarray(0, end)
  if (crcOf(body) !== crcAtEnd(bytes)) throw new DamagedBytes('The checksum does not hold.')
  return body
}
