import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { JobEnd } from '../../jobs/executor.ts'
import { syncToDisk } from '../../sync-to-disk.ts'
import { unixMs, type JobId, type UnixMs } from '../../units.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** Where the parts of a job's folder are; see docs/format/job-folder.md. */
export interface JobFiles {
  readonly folder: string
  readonly logFolder: string
  readonly log: string
  readonly logIndex: string
  readonly workspace: string
  readonly artifacts: string
  readonly model: string
  readonly shim: string
  /** What the shim itself had to complain of. */
  readonly shimErrors: string
  readonly exit: string
}

export function jobFiles(dataDir: string, id: JobId): JobFiles {
  const folder = join(dataDir, 'jobs', id)
  return {
    folder,
    logFolder: join(folder, 'log'),
    log: join(folder, 'log', 'lines'),
    logIndex: join(folder, 'log', 'index'),
    workspace: join(folder, 'workspace'),
    artifacts: join(folder, 'artifacts'),
    model: join(folder, 'model'),
    shim: join(folder, 'shim.json'),
    shimErrors: join(folder, 'shim.err'),
    exit: join(folder, 'exit.json'),
  }
}

/** shim.json: which processes run the job. */
export interface ShimRecord {
  readonly version: 1
  readonly shim: ProcessIdentity
  /** The command, which leads its own process group and session; null until it runs. */
  readonly command: ProcessIdentity | null
  /** Unix ms; null until it runs. */
  readonly startedAt: number | null
}

export function readShimRecord(path: string): ShimRecord | undefined {
  const record = readJson(path)
  if (!isObject(record) || !isIdentity(record['shim'])) return undefined
  const command = isIdentity(record['command']) ? record['command'] : null
  const startedAt = typeof record['startedAt'] === 'number' ? record['startedAt'] : null
  return { version: 1, shim: record['shim'], command, startedAt }
}

export function writeShimRecord(files: JobFiles, record: Omit<ShimRecord, 'version'>): void {
  writeJsonFile(files.shim, { version: 1, ...record })
}

/** exit.json: how it ended. */
export function readExit(path: string): JobEnd | undefined {
  const exit = readJson(path)
  if (!isObject(exit) || typeof exit['at'] !== 'number') return undefined
  const at: UnixMs = unixMs(exit['at'])
  if (exit['kind'] === 'exited' && typeof exit['exitCode'] === 'number')
    return { kind: 'exited', exitCode: exit['exitCode'], at }
  const reason = String(exit['reason'])
  return exit['kind'] === 'not-started' || exit['kind'] === 'lost'
    ? { kind: exit['kind'], reason, at }
    : undefined
}

/** Whole or not at all, and on the disk: written aside, synced, renamed, the folder synced. */
export function writeJsonFile(path: string, value: object): void {
  const aside = `${path}.tmp`
  const file = openSync(aside, 'w', 0o600)
  try {
    writeSync(file, `${JSON.stringify(value)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(aside, path)
  syncToDisk(dirname(path))
}

/** exit.json on its way: its space on the disk is taken before the job starts, so that a disk that the job fills can hold its end. */
export interface ExitFile {
  /** Tries until the disk takes it. */
  write(value: object): Promise<void>
}

const EXIT_BYTES = 4096
const RETRY_MS = 1000

export function openExitFile(path: string): ExitFile {
  const aside = `${path}.tmp`
  const file = openSync(aside, 'w', 0o600)
  writeSync(file, `${' '.repeat(EXIT_BYTES - 1)}\n`)
  fsyncSync(file)
  return {
    async write(value) {
      for (;;) {
        try {
          writeSync(file, JSON.stringify(value), 0)
          fsyncSync(file)
          renameSync(aside, path)
          return syncToDisk(dirname(path))
        } catch (error) {
          if (isMissing(error)) return // the job was deleted: nobody asks any more
          await delay(RETRY_MS)
        }
      }
    },
  }
}

/** Throws where the disk cannot read what is there: nobody may conclude from that that it is not. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (isUnreadable(error)) throw error
    return undefined // not there yet, or gone with its job
  }
}

/** Not for what stands in it, nor because it is not there: no more files may be opened, say. */
const isUnreadable = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && !isMissing(error)

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isIdentity = (value: unknown): value is ProcessIdentity =>
  isObject(value) &&
  typeof value['pid'] === 'number' &&
  typeof value['startTicks'] === 'string' &&
  typeof value['bootId'] === 'string'
