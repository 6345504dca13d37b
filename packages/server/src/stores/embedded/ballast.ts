import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { removeIfThere, sizeOf } from './store-folder.ts'

const BLOCK_BYTES = 64 * 1024

/** A file that only takes room, so that there is some to give back when a full disk must still take a note. */
export function takeBallast(path: string, sizeBytes: number): void {
  if (sizeOf(path) >= sizeBytes) return
  try {
    writeBallast(path, sizeBytes)
  } catch {
    removeIfThere(path) // no room now: taken again later
  }
}

export const dropBallast = (path: string): void => removeIfThere(path)

function writeBallast(path: string, sizeBytes: number): void {
  const file = openSync(path, 'w', 0o600)
  try {
    // Not zeros: a file system that compresses or leaves holes would keep nothing free.
    const block = Uint8Array.from(
      { length: BLOCK_BYTES },
      (_, i) => Math.imul(i, 2_654_435_761) >>> 13,
    )
    for (let written = 0; written < sizeBytes; written += block.length) writeSync(file, block)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
