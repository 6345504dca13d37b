import { crc32 } from 'node:zlib'
import { ByteReader, DamagedBytes } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { checked, crcAtEnd, writeCrc } from './checked-bytes.ts'
import { encodeSections, tickSeed } from './tick-codec.ts'

const VERSION = 1

/**
 * A payload of version 1 as one of today: its checksums did not cover the tick's seq and the section's job. A damaged section
 * stays damaged. Throws `DamagedBytes`.
 */
export function upgradedTick(payload: Uint8Array, seq: number, previous: number): Uint8Array {
  const reader = new ByteReader(payload)
  if (reader.u8() !== VERSION) throw new DamagedBytes('A tick is not of version 1.')
  const jobs = reader.varint()
  const lengths = new Map<string, number>()
  for (let i = 0; i < jobs; i++) lengths.set(reader.name(), reader.varint())
  checked(payload.subarray(0, reader.at + 4))
  reader.u32()
  const sections = new Map<string, Uint8Array>()
  for (const [jobId, length] of lengths)
    sections.set(jobId, upgradedSection(reader.bytes(length), seq, jobId))
  return encodeSections(seq, { previous, sections })
}

function upgradedSection(section: Uint8Array, seq: number, jobId: string): Uint8Array {
  const body = section.subarray(0, -4)
  if (crc32(body) !== crcAtEnd(section)) return section
  const writer = new ByteWriter(section.length)
  writer.bytes(body)
  writeCrc(writer, tickSeed(seq, jobId))
  return writer.written()
}
