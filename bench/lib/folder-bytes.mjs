import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes of all files below, as long as they are. */
export function bytesBelow(folder, counts = () => true) {
  return filesBelow(folder)
    .filter(counts)
    .reduce((sum, path) => sum + lstatSync(path).size, 0)
}

/** Bytes that they take from the disk, in whole blocks. */
export function blockBytesBelow(folder) {
  return filesBelow(folder).reduce((sum, path) => sum + lstatSync(path).blocks * 512, 0)
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}
