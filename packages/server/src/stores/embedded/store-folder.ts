import { statSync, truncateSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Where things lie in the data folder. */
export const hotPath = (dataDir: string): string => join(dataDir, 'hot.db')
export const ballastPath = (dataDir: string): string => join(dataDir, 'ballast')
export const jobFolder = (dataDir: string, job: string): string => join(dataDir, 'jobs', job)
export const jobPath = (dataDir: string, job: string): string =>
  join(jobFolder(dataDir, job), 'metrics.db')

/** Where a file from elsewhere is made ready to become the job's. */
export const incomingPath = (dataDir: string, job: string): string =>
  `${jobPath(dataDir, job)}.incoming`

/** The WAL first: without the file it stands for nothing. */
const SUFFIXES = ['-wal', '-shm', '']

export const bytesOfJob = (dataDir: string, job: string): number =>
  SUFFIXES.reduce((bytes, suffix) => bytes + sizeOf(jobPath(dataDir, job) + suffix), 0)

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
  for (const suffix of SUFFIXES) removeIfThere(jobPath(dataDir, job) + suffix)
}

export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))
