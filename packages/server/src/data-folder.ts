import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase, type Database } from './sqlite/database.ts'
import { sqliteFailure } from './sqlite/sqlite-failure.ts'
import { syncToDisk } from './sync-to-disk.ts'

export interface DataFolder {
  readonly apiKey: string
  /** The key was made just now: its link is to be shown to the person who started the server. */
  readonly isNewKey: boolean
  release(): void
}

/** A server that is just stopping may hold the lock for a moment. */
const LOCK_WAIT_MS = 300

/** The folder cannot be used; the text names it and the way out. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError'
}

/**
 * Makes the folder where it is missing and takes it for this process alone. The lock is an exclusive SQLite transaction on
 * `.lock`: the kernel releases it with the process however that ends, so that no stale lock can remain as a pid file does.
 */
export function openDataFolder(dir: string): DataFolder {
  const lock = takeLock(dir)
  try {
    const keyFile = join(dir, 'api-key')
    const isNewKey = readKey(keyFile) === ''
    if (isNewKey) writeNewKey(keyFile)
    return { apiKey: readKey(keyFile), isNewKey, release: () => lock.close() }
  } catch (error) {
    lock.close()
    throw unusable(dir, error)
  }
}

/** Empty where there is none. An empty file is no key either: every request that sends an empty one would pass. */
const readKey = (path: string): string =>
  existsSync(path) ? readFileSync(path, 'utf8').trim() : ''

/** Aside, synced, then renamed: after a power cut it is there whole, or made anew. */
function writeNewKey(path: string): void {
  const aside = `${path}.tmp`
  writeFileSync(aside, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  syncToDisk(aside)
  renameSync(aside, path)
}

function takeLock(dir: string): Database {
  let lock: Database | undefined
  try {
    mkdirSync(join(dir, 'jobs'), { recursive: true, mode: 0o700 })
    lock = openDatabase(join(dir, '.lock'), { busyTimeoutMs: LOCK_WAIT_MS })
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; PRAGMA user_version=1; COMMIT')
    return lock
  } catch (error) {
    lock?.close()
    if (sqliteFailure(error) === 'busy') throw inUse(dir)
    throw unusable(dir, error)
  }
}

const inUse = (dir: string): DataFolderError =>
  new DataFolderError(
    `Another Plotline server uses the data folder ${dir}. Stop it first, or give this one a folder of its own with --data DIR.`,
  )

const unusable = (dir: string, error: unknown): DataFolderError =>
  new DataFolderError(
    `The data folder ${dir} cannot be written: ${error instanceof Error ? error.message : String(error)}. Give another one with --data DIR.`,
  )
