import { crc32 } from 'node:zlib'
import { DamagedBytes } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

const CRC_BYTES = 4

/** Ends what was written since `start` with its CRC-32. */
export const writeCrc = (writer: ByteWriter, start = 0): void =>
  writer.u32(crc32(writer.written(start)))

/** The bytes before the CRC-32 that ends `bytes`, once it holds. */
export function checked(
  bytes: Uint8Array,
  crcOf: (body: Uint8Array) => number = (body) => crc32(body),
): Uint8Array {
  const end = bytes.length - CRC_BYTES
  if (end < 0) throw new DamagedBytes('The bytes end too early.')
  const body = bytes.subarray(0, end)
  const stored = new DataView(bytes.buffer, bytes.byteOffset + end, CRC_BYTES).getUint32(0, true)
  if (crcOf(body) !== stored) throw new DamagedBytes('The checksum does not hold.')
  return body
}
