import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * A disk as `disk.c` recorded it, up to some entry of the log, and what a power cut there could have left of it:
 *
 * - What was synced is there.
 * - Of what was written to a file since, each sector is there or not. A file that was cut may be as before; then nothing is there that
 *   was written after the cut, since its blocks are not taken before the cut is.
 * - Of what was done to the names of a folder since, the first so many are there: a journal keeps their order. Nothing orders two
 *   folders. A new file that was synced is found under its name (ext4, xfs and btrfs see to it), but a new folder, or a new name, has to
 *   be synced with the folder that holds it. POSIX promises less, ext4 in its default mode more.
 * - After a sync that failed, what it was for may be lost although a later one succeeds: Linux takes such pages for clean.
 */
export interface RecordedDisk {
  readonly length: number
  /** Entries at which names change: where there is most to be lost. */
  readonly nameEntries: readonly number[]
  /** Goes on to the entry before `end`. */
  playTo(end: number): void
  /** What the process had printed. */
  printed(): string
  /** Writes what a power cut now could leave into the new folder `dir`. */
  cutInto(dir: string): void
}

const HEAD_BYTES = 32
const SECTOR_BYTES = 512

interface Entry {
  readonly kind: string
  readonly ino: bigint
  readonly offset: number
  readonly path: string
  readonly data: Buffer
}

interface Write {
  readonly offset: number
  /** Undefined: the file was cut there, or made longer to there. */
  readonly data: Buffer | undefined
}

class File {
  bytes = Buffer.alloc(0)
  unsynced: Write[] = []
}

interface NameChange {
  readonly removed: string | undefined
  readonly added: readonly [name: string, node: Node] | undefined
}

class Folder {
  names = new Map<string, Node>()
  unsynced: NameChange[] = []
}

type Node = File | Folder

export function recordedDisk(logPath: string, root: string, random: () => number): RecordedDisk {
  const log = entriesOf(readFileSync(logPath))
  const disk = new Map<string, Node>([[root, new Folder()]])
  const nodes = new Map<bigint, Node>()
  let position = 0
  let printed = ''

  return {
    length: log.length,
    nameEntries: [...log.keys()].filter((i) => 'cmlru'.includes(log[i]?.kind ?? ' ')),
    playTo(end) {
      for (; position < end; position++) play(log[position])
    },
    printed: () => printed,
    cutInto(dir) {
      // All, nothing, or as it comes: middling luck alone would meet few of the states that lie at the ends.
      const luck = [0, 1, random()][Math.floor(random() * 3)] ?? 0
      writeNode(folderAt(root), dir, { random, luck })
    },
  }

  function play(entry: Entry | undefined): void {
    if (entry === undefined) return
    const { kind, ino, offset, path, data } = entry
    const node = nodes.get(ino)
    if (kind === 'p') printed += data.toString()
    else if (path === root) nodes.set(ino, folderAt(root))
    else if (kind === 'c') add(path, ino, new File())
    else if (kind === 'm') add(path, ino, new Folder())
    else if (kind === 'l' && node)
      change(path, { removed: undefined, added: [basename(path), node] })
    else if (kind === 'u') remove(path)
    else if (kind === 'r') rename(path, data.toString())
    else if (kind === 's' && node) sync(node)
    else if (kind === 'f' && node instanceof File) giveUp(node)
    else if (kind === 'w' && node instanceof File) node.unsynced.push({ offset, data })
    else if (kind === 't' && node instanceof File) node.unsynced.push({ offset, data: undefined })
  }

  function folderAt(path: string): Folder {
    const node = disk.get(path)
    if (!(node instanceof Folder)) throw new Error(`The log does not say how ${path} was made.`)
    return node
  }

  function add(path: string, ino: bigint, node: Node): void {
    nodes.set(ino, node)
    change(path, { removed: undefined, added: [basename(path), node] })
  }

  function change(path: string, step: NameChange): void {
    folderAt(dirname(path)).unsynced.push(step)
    if (step.added) disk.set(path, step.added[1])
  }

  function remove(path: string): void {
    change(path, { removed: basename(path), added: undefined })
    disk.delete(path)
  }

  function rename(from: string, to: string): void {
    const node = disk.get(from)
    if (!node || dirname(from) !== dirname(to)) throw new Error(`${from} was renamed to ${to}`)
    change(to, { removed: basename(from), added: [basename(to), node] })
    disk.delete(from)
  }

  function sync(node: Node): void {
    if (node instanceof Folder) return applyNames(node, node.unsynced.length)
    for (const write of node.unsynced.splice(0)) applyWrite(node, write)
    for (const folder of disk.values()) {
      if (!(folder instanceof Folder)) continue
      const made = folder.unsynced.findIndex(
        ({ added, removed }) => added?.[1] === node && removed === undefined,
      )
      if (made >= 0) applyNames(folder, made + 1)
    }
  }

  function giveUp(file: File): void {
    const { bytes } = afterCut(file, { random, luck: random() })
    file.bytes = bytes
    file.unsynced = []
  }
}

interface Chance {
  readonly random: () => number
  /** Of what may be there or not, the share that is. */
  readonly luck: number
}

function writeNode(node: Node, path: string, chance: Chance): void {
  if (node instanceof File) return writeFileSync(path, afterCut(node, chance).bytes)
  mkdirSync(path)
  const left = new Folder()
  left.names = new Map(node.names)
  left.unsynced = [...node.unsynced]
  applyNames(left, share(node.unsynced.length, chance))
  for (const [name, child] of left.names) writeNode(child, join(path, name), chance)
}

const share = (count: number, { random, luck }: Chance): number =>
  luck === 0 ? 0 : luck === 1 ? count : Math.floor(random() * (count + 1))

function applyNames(folder: Folder, count: number): void {
  for (const { removed, added } of folder.unsynced.splice(0, count)) {
    if (removed !== undefined) folder.names.delete(removed)
    if (added) folder.names.set(...added)
  }
}

function afterCut(file: File, { random, luck }: Chance): File {
  const left = new File()
  left.bytes = Buffer.from(file.bytes)
  for (const write of file.unsynced) {
    if (write.data === undefined) {
      if (random() >= luck) break
      applyWrite(left, write)
    } else {
      // Half of them whole or not at all, the others torn between any two sectors.
      const parts = random() < 0.5 ? [write] : sectorsOf(write)
      for (const part of parts) if (random() < luck) applyWrite(left, part)
    }
  }
  return left
}

function sectorsOf({ offset, data = Buffer.alloc(0) }: Write): readonly Write[] {
  const parts: Write[] = []
  for (let start = 0; start < data.length;) {
    const end = Math.min(data.length, start + SECTOR_BYTES - ((offset + start) % SECTOR_BYTES))
    parts.push({ offset: offset + start, data: data.subarray(start, end) })
    start = end
  }
  return parts
}

function applyWrite(file: File, { offset, data }: Write): void {
  const end = data === undefined ? offset : Math.max(file.bytes.length, offset + data.length)
  if (end !== file.bytes.length) {
    const grown = Buffer.alloc(end)
    file.bytes.copy(grown)
    file.bytes = grown
  }
  if (data) file.bytes.set(data, offset)
}

function entriesOf(log: Buffer): readonly Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < log.length;) {
    const [pathBytes, dataBytes] = [log.readUInt32LE(at + 4), log.readUInt32LE(at + 8)]
    const pathAt = at + HEAD_BYTES
    const dataAt = pathAt + pathBytes
    entries.push({
      kind: String.fromCharCode(log.readUInt32LE(at)),
      ino: log.readBigUInt64LE(at + 16),
      offset: Number(log.readBigInt64LE(at + 24)),
      path: log.toString('utf8', pathAt, dataAt),
      data: log.subarray(dataAt, dataAt + dataBytes),
    })
    at = dataAt + dataBytes
  }
  return entries
}
