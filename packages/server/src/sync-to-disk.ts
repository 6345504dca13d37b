import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Returns once the bytes of a file, or the names in a folder, are on the disk. */
export function syncToDisk(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
