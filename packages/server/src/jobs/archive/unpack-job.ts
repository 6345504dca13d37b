import { createHash } from 'node:crypto'
import { chmod, mkdir, open, symlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { noRoomToImport, PlotlineError } from '../../errors.ts'
import { badArchive } from './bad-archive.ts'
import {
  checkManifest,
  FILES_ENTRY,
  JOB_ENTRY,
  MANIFEST_ENTRY,
  METRICS_ENTRY,
  type ManifestFile,
} from './manifest.ts'

/** What an archive held beside the files, which are below the folder now. */
export interface Unpacked {
  /** The text of job.json. */
  readonly job: string
  readonly hasMetrics: boolean
  readonly hasFiles: boolean
}

const MAX_JSON_BYTES = 64 * 2 ** 20
const MAX_ENTRIES = 1_000_000
const MAX_DEPTH = 100
const PERMISSIONS = 0o777

/** Unpacks the tar file into a new folder and checks it against its manifest. BAD_ARCHIVE where it is none, or leads out of the folder. */
export async function unpackJob(
  source: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<Unpacked> {
  const unpacking = new Unpacking(folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { readable, writable } = createTarDecoder({ strict: true })
  const feeder = new Feeder(writable.getWriter())
  void feeder.feed(source)
  try {
    for await (const entry of readable) await unpacking.take(entry)
    return await unpacking.finish()
  } catch (error) {
    throw error === feeder.failure ? error : unpackFailure(error)
  }
}

/** What the decoder cannot make sense of, and paths that no folder can hold, are the archive's fault; a full disk is the disk's. */
function unpackFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'Error' || error instanceof PlotlineError)
    return error
  const code = 'code' in error ? String(error.code) : undefined
  if (code === undefined) return badArchive(error.message.replace(/\.$/, ''))
  if (['ENOSPC', 'EDQUOT'].includes(code)) return noRoomToImport()
  return BAD_PATH.includes(code) ? badArchive(`its paths cannot be made (${code})`) : error
}

const BAD_PATH = ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL']

class Feeder {
  /** Of the source. */
  failure: unknown
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>

  constructor(writer: WritableStreamDefaultWriter<Uint8Array>) {
    this.#writer = writer
  }

  /** Never rejects: who reads from the decoder is told, by its stream. */
  async feed(source: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of source) if (!(await isDone(this.#writer.write(bytes)))) return
      await isDone(this.#writer.close())
    } catch (error) {
      this.failure = error
      await isDone(this.#writer.abort(error))
    }
  }
}

const isDone = (work: Promise<void>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  )

class Unpacking {
  readonly #folder: string
  readonly #files: ManifestFile[] = []
  readonly #names = new Set<string>()
  #hasFiles = false
  /** Done last: folders may be read-only, and nothing is written through a link. */
  readonly #links: { readonly path: string; readonly target: string }[] = []
  readonly #folders: { readonly path: string; readonly mode: number; readonly mtime: Date }[] = []
  #job: string | undefined
  #manifest: string | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  async take({ header, body }: ParsedTarEntry): Promise<void> {
    const name = header.name.replace(/\/$/, '')
    if (this.#manifest !== undefined) throw badArchive(`${name} stands behind its end`)
    this.#checkName(name)
    const mode = (header.mode ?? 0) & PERMISSIONS
    const mtime = header.mtime ?? new Date(0)
    const path = join(this.#folder, name)
    const { type = 'file' } = header
    if (type === 'file') return this.#takeFile(name, path, mode, mtime, body)
    await body.cancel()
    if (type === 'symlink') this.#links.push({ path, target: header.linkname ?? '' })
    else if (type === 'directory') await this.#takeFolder(path, mode, mtime)
    else throw badArchive(`${name} is neither a file nor a folder nor a link`)
  }

  async #takeFolder(path: string, mode: number, mtime: Date): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 })
    this.#folders.push({ path, mode, mtime })
  }

  async finish(): Promise<Unpacked> {
    checkManifest(this.#manifest, this.#files)
    if (this.#job === undefined) throw badArchive('it has no job.json')
    for (const { path, target } of this.#links) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await symlink(target, path)
    }
    for (const { path, mode, mtime } of this.#folders.toReversed()) {
      await utimes(path, mtime, mtime)
      await chmod(path, mode)
    }
    return {
      job: this.#job,
      hasMetrics: this.#names.has(METRICS_ENTRY),
      hasFiles: this.#hasFiles,
    }
  }

  #checkName(name: string): void {
    const parts = name.split('/')
    const isSafe =
      !name.includes('\0') &&
      parts.length <= MAX_DEPTH &&
      parts.every((part) => part !== '' && part !== '.' && part !== '..')
    const isOurs =
      parts.length === 1
        ? [JOB_ENTRY, METRICS_ENTRY, MANIFEST_ENTRY].includes(name)
        : parts[0] === FILES_ENTRY
    if (!isSafe || !isOurs) throw badArchive(`"${name.slice(0, 200)}" does not belong into one`)
    if (this.#names.has(name)) throw badArchive(`${name} is there twice`)
    if (this.#names.size >= MAX_ENTRIES) throw badArchive(`it has more than ${MAX_ENTRIES} entries`)
    this.#names.add(name)
    if (parts.length > 1) this.#hasFiles = true
  }

  async #takeFile(
    name: string,
    path: string,
    mode: number,
    mtime: Date,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    if (name === MANIFEST_ENTRY) return void (this.#manifest = (await textOf(name, body)).text)
    if (name === JOB_ENTRY) {
      const { text, sizeBytes, sha256 } = await textOf(name, body)
      this.#job = text
      return void this.#files.push({ path: name, sizeBytes, sha256 })
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    this.#files.push({ path: name, ...(await writeFile(path, mode, mtime, body)) })
  }
}

type Written = Omit<ManifestFile, 'path'>

async function textOf(
  name: string,
  body: AsyncIterable<Uint8Array>,
): Promise<Written & { readonly text: string }> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const part of body) {
    sizeBytes += part.length
    if (sizeBytes > MAX_JSON_BYTES) throw badArchive(`its ${name} is too long`)
    parts.push(part)
  }
  const bytes = Buffer.concat(parts)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { text: bytes.toString('utf8'), sizeBytes, sha256 }
}

/** A new file, on the disk when it returns. */
async function writeFile(
  path: string,
  mode: number,
  mtime: Date,
  body: AsyncIterable<Uint8Array>,
): Promise<Written> {
  const file = await open(path, 'wx', 0o600)
  try {
    const hash = createHash('sha256')
    let sizeBytes = 0
    for await (const bytes of body) {
      hash.update(bytes)
      await file.writeFile(bytes)
      sizeBytes += bytes.length
    }
    await file.utimes(mtime, mtime)
    await file.chmod(mode)
    await file.sync()
    return { sizeBytes, sha256: hash.digest('hex') }
  } finally {
    await file.close()
  }
}
