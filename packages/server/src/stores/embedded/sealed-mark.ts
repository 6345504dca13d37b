import { closeSync, constants, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { rowCrc } from './codec/row-crc.ts'
import { sizeOf } from './store-folder.ts'

const SEQ_DIGITS = 16
const CRC_DIGITS = 10

/**
 * A seq that no job's file is sealed beyond, kept apart from hot.db: were that lost, a clock that stands behind would number new
 * ticks as ones that are in the files already. 0 where there is none; undefined where it is damaged.
 */
export function readSealedMark(path: string): number | undefined {
  if (sizeOf(path) === 0) return 0
  const text = readFileSync(path, 'latin1')
  const seq = Number(text.slice(0, SEQ_DIGITS))
  return text === lineOf(seq) ? seq : undefined
}

/** In place, which needs no room on a full disk. */
export function writeSealedMark(path: string, seq: number): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600)
  try {
    writeSync(file, lineOf(seq), 0, 'latin1')
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const lineOf = (seq: number): string =>
  `${String(seq).padStart(SEQ_DIGITS, '0')} ${String(rowCrc('sealed', seq)).padStart(CRC_DIGITS, '0')}\n`
