import { statfsSync } from 'node:fs'
import type { Room } from '../../metrics/metric-store.ts'

/** What is kept free of a disk where nobody said how much: 256 MiB, or a twentieth of a small one. */
const MIN_FREE_BYTES = 256 * 2 ** 20
const MIN_FREE_SHARE = 0.05

/** The room on the disk of `folder`, as an ordinary user may fill it. */
export function roomOf(folder: string, minFreeBytes?: number): Room {
  const { blocks, bavail, bsize } = statfsSync(folder)
  const totalBytes = blocks * bsize
  return {
    totalBytes,
    freeBytes: bavail * bsize,
    minFreeBytes: minFreeBytes ?? Math.floor(Math.min(MIN_FREE_BYTES, totalBytes * MIN_FREE_SHARE)),
  }
}
