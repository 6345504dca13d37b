import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncToDisk } from '../../sync-to-disk.ts'

/** Where things lie in the data folder. */
export const hotPath = (dataDir: string): string => join(dataDir, 'hot.db')
export const sealedMarkPath = (dataDir: string): string => join(dataDir, 'hot.sealed')
export const ballastPath = (dataDir: string): string => join(dataDir, 'ballast')
export const jobsFolder = (dataDir: string): string => join(dataDir, 'jobs')
export const jobFolder = (dataDir: string, job: string): string => join(jobsFolder(dataDir), job)
export const jobPath = (dataDir: string, job: string): string =>
  join(jobFolder(dataDir, job), 'metrics.db')

/** Where a file from elsewhere is made ready to become the job's. */
export const incomingPath = (dataDir: string, job: string): string =>
  `${jobPath(dataDir, job)}.incoming`

/** Where a file that was found damaged is kept for whoever can read more of it; a later one takes its place. */
export const asideOf = (path: string): string => `${path}.damaged`

/** The WAL first: without the file it stands for nothing. */
const SUFFIXES = ['-wal', '-shm', '']

export const bytesOfJob = (dataDir: string, job: string): number =>
  filesOfJob(dataDir, job).reduce((bytes, path) => bytes + bytesOf(path), 0)

/**
 * Gives its room back although somebody may have the file open: libsql does until its statements are collected, whenever
 * that is.
 */
export function emptyJobFile(dataDir: string, job: string): void {
  try {
    truncateSync(jobPath(dataDir, job))
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

export function removeJobFiles(dataDir: string, job: string): void {
  for (const path of filesOfJob(dataDir, job)) removeFiles(path)
}

const filesOfJob = (dataDir: string, job: string): readonly string[] => [
  jobPath(dataDir, job),
  asideOf(jobPath(dataDir, job)),
]

const bytesOf = (path: string): number =>
  SUFFIXES.reduce((bytes, suffix) => bytes + sizeOf(path + suffix), 0)

/** A database and what belongs to it. */
export function removeFiles(path: string): void {
  for (const suffix of SUFFIXES) removeIfThere(path + suffix)
}

/**
 * Puts the damaged database at `path` aside and `fresh` in its place. The WAL goes before: SQLite would take that of the old file for
 * the new one's.
 */
export function putInPlace(fresh: string, path: string): void {
  const aside = asideOf(path)
  removeFiles(aside)
  linkSync(path, aside)
  if (sizeOf(`${path}-wal`) > 0) renameSync(`${path}-wal`, `${aside}-wal`)
  removeWal(path)
  renameSync(fresh, path)
}

/** What belongs to a database that nobody needs it of any more. */
export function removeWal(path: string): void {
  removeIfThere(`${path}-wal`)
  removeIfThere(`${path}-shm`)
}

export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/**
 * Reads a database and its WAL to the end; throws what the disk says where that fails. SQLite calls pages damaged that could not be
 * read, but what is in them may be whole, and there again a moment later. Closing a file lets go of what SQLite has locked of it in
 * this process, which nobody but other programs could miss: a data folder is one process's.
 */
export function readThrough(path: string): void {
  for (const file of [path, `${path}-wal`]) if (sizeOf(file) > 0) readToEnd(file)
}

const READ_BYTES = 2 ** 20

function readToEnd(path: string): void {
  const file = openSync(path, 'r')
  const bytes = new Uint8Array(READ_BYTES)
  try {
    while (readSync(file, bytes) > 0);
  } finally {
    closeSync(file)
  }
}

/**
 * Resolves once a job's file is found under its name after a power cut. SQLite sees to the names beside its WAL, where it can, but
 * not to those of new folders above: ticks that were dropped for being in the file would be lost with its folder.
 */
export function syncNames(dataDir: string, job: string): void {
  for (const folder of [jobFolder(dataDir, job), jobsFolder(dataDir), dataDir]) syncToDisk(folder)
}

/** Resolves once a deleted job's files, or its folder, cannot come back by a power cut. */
export function syncRemoval(dataDir: string, job: string): void {
  const folders = [jobFolder(dataDir, job), jobsFolder(dataDir), dataDir]
  syncToDisk(folders.find((folder) => existsSync(folder)) ?? dataDir)
}

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))
