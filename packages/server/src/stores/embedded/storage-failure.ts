import type { ErrorCode } from '@plotline/api'
import { PlotlineError } from '../../errors.ts'
import { sqliteFailure } from '../../sqlite/sqlite-failure.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { DamagedFile, isDamagedFile } from './damaged-file.ts'

/**
 * What went wrong with the disk, as an expected failure; anything else is a bug and stays what it was. `file`: which one it was, as
 * `damagedFileOf` gives it back.
 */
export function storageFailure(error: unknown, folder: string, file?: string): unknown {
  if (error instanceof PlotlineError) return error
  const cause = { cause: error }
  switch (failureOf(error)) {
    case 'full':
      return new PlotlineError(
        'STORAGE_FULL',
        `There is no room left for metrics in ${folder}. Free space on the disk, or delete jobs.`,
        undefined,
        cause,
      )
    case 'failed':
      return new PlotlineError(
        'STORAGE_FAILED',
        `Metrics in ${folder} cannot be written or read: ${String(error)}`,
        file !== undefined && mayBeDamaged(error) ? [{ damaged: file }] : undefined,
        cause,
      )
    case undefined:
      return error
  }
}

/** A failure of the disk or of a file on it, not a bug. */
export const isStorageFailure = (error: unknown): boolean => failureOf(error) !== undefined

/** As {@link isDamagedFile}, or what it may show as too: a table that is not found, or a value that is none. */
export const mayBeDamaged = (error: unknown): boolean =>
  isDamagedFile(error) || error instanceof DamagedBytes || sqliteFailure(error) === 'refused'

export const isFull = (error: unknown): boolean => failureOf(error) === 'full'

const FAILURES: Readonly<Partial<Record<ErrorCode, 'full' | 'failed'>>> = {
  STORAGE_FULL: 'full',
  STORAGE_FAILED: 'failed',
}

function failureOf(error: unknown): 'full' | 'failed' | undefined {
  if (error instanceof PlotlineError) return FAILURES[error.code]
  if (error instanceof Error && 'syscall' in error && 'code' in error)
    return error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'full' : 'failed'
  if (error instanceof DamagedFile || error instanceof DamagedBytes) return 'failed'
  const failure = sqliteFailure(error)
  if (failure === 'other') return undefined
  return failure === 'full' ? 'full' : 'failed'
}
