import { createReadStream } from 'node:fs'
import { lstat, mkdir, readdir, readlink, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { PlotlineError } from '../../errors.ts'
import type { KeptFile } from '../../jobs/archive/kept-file.ts'
import { unixMs } from '../../units.ts'

/** Of a job's folder: single files, and folders of which all is kept. What names processes of this host is not. */
const FILES = ['command.sh', 'exit.json']
const LOG_FILES = ['lines', 'index']
const TREES = ['workspace', 'artifacts', 'model']
const PERMISSIONS = 0o777

/** All that is kept of a job, folders before what is in them. What vanishes meanwhile is left out. */
export async function* keptFiles(folder: string): AsyncIterable<KeptFile> {
  for (const name of FILES) yield* keptTree(folder, name)
  for (const name of LOG_FILES) yield* keptTree(folder, `log/${name}`)
  for (const name of TREES) yield* keptTree(folder, name)
}

async function* keptTree(folder: string, path: string): AsyncIterable<KeptFile> {
  const file = await keptFile(folder, path)
  if (file === undefined) return
  yield file
  if (file.type !== 'folder') return
  for (const name of (await orVanished(readdir(join(folder, path)))) ?? [])
    yield* keptTree(folder, `${path}/${name}`)
}

/** Undefined of what is neither file, folder nor link, and of what is not there. */
async function keptFile(folder: string, path: string): Promise<KeptFile | undefined> {
  const place = join(folder, path)
  const stats = await orVanished(lstat(place))
  if (stats === undefined) return undefined
  const type = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'folder'
      : stats.isSymbolicLink()
        ? 'link'
        : undefined
  if (type === undefined) return undefined
  const sizeBytes = type === 'file' ? stats.size : 0
  return {
    path,
    type,
    mode: stats.mode & PERMISSIONS,
    modifiedAt: unixMs(Math.floor(stats.mtimeMs)),
    sizeBytes,
    target: type === 'link' ? ((await orVanished(readlink(place))) ?? '') : '',
    read: () => exactly(place, sizeBytes),
  }
}

const ZEROS = new Uint8Array(64 * 1024)

/** The file may grow while it is read, or shrink: a tar file has promised its length by then. */
async function* exactly(place: string, sizeBytes: number): AsyncIterable<Uint8Array> {
  let left = sizeBytes
  if (left > 0)
    try {
      for await (const bytes of createReadStream(place, { end: sizeBytes - 1 })) {
        left -= bytes.length
        yield bytes
      }
    } catch (error) {
      if (!isVanished(error)) throw error
    }
  for (; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left)
}

/**
 * Moves what {@link keptFiles} gave elsewhere from `from` into the job's folder, which is made. Only what belongs there, and
 * nothing by a link: the log of a job must not be somebody's other file.
 */
export async function takeFiles(from: string, folder: string): Promise<void> {
  await mkdir(join(folder, 'log'), { recursive: true, mode: 0o700 })
  for (const name of FILES) await take(from, folder, name, 'isFile')
  for (const name of LOG_FILES) await take(from, folder, `log/${name}`, 'isFile')
  for (const name of TREES) await take(from, folder, name, 'isDirectory')
}

async function take(
  from: string,
  folder: string,
  path: string,
  kind: 'isFile' | 'isDirectory',
): Promise<void> {
  const stats = await orVanished(lstat(join(from, path)))
  if (stats === undefined) return
  if (!stats[kind]())
    throw new PlotlineError(
      'BAD_ARCHIVE',
      `This is no archive of a job: ${path} is of the wrong kind. Nothing was imported.`,
    )
  await rename(join(from, path), join(folder, path))
}

async function orVanished<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking
  } catch (error) {
    if (isVanished(error)) return undefined
    throw error
  }
}

const isVanished = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))
