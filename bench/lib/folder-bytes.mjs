import { existsSync, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Linux. */
const OPEN_FILES = '/proc/self/fd'

/** Bytes of all files below, as long as they are. */
export function bytesBelow(folder, counts = () => true) {
  return filesBelow(folder)
    .filter(counts)
    .reduce((sum, path) => sum + lstatSync(path).size, 0)
}

/** Bytes that they take from the disk, in whole blocks; those that have no name any more, but that this process holds open, too. */
export function blockBytesBelow(folder) {
  const stats = [...filesBelow(folder).map((path) => lstatSync(path)), ...namelessBelow(folder)]
  return stats.reduce((sum, { blocks }) => sum + blocks * 512, 0)
}

function namelessBelow(folder) {
  if (!existsSync(OPEN_FILES)) return []
  const files = readdirSync(OPEN_FILES).flatMap((fd) => {
    const link = join(OPEN_FILES, fd)
    try {
      const path = readlinkSync(link)
      return path.startsWith(folder) && path.endsWith(' (deleted)') ? [statSync(link)] : []
    } catch {
      return [] // closed meanwhile
    }
  })
  return [...new Map(files.map((stat) => [stat.ino, stat])).values()]
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}
