import type { ErrorCode } from '@plotline/api'
import { PlotlineError, type ErrorDetail } from '../errors.ts'
import { sqliteFailure } from './sqlite-failure.ts'

/** What went wrong with the disk, as an expected failure; anything else is a bug and stays what it was. */
export function storageFailure(
  error: unknown,
  folder: string,
  details?: readonly ErrorDetail[],
): unknown {
  if (error instanceof PlotlineError) return error
  switch (failureOf(error)) {
    case 'full':
      return new PlotlineError(
        'STORAGE_FULL',
        `There is no room left in ${folder}. Free space on the disk, or delete jobs.`,
        undefined,
        { cause: error },
      )
    case 'failed':
      return storageFailed(error, folder, details)
    case undefined:
      return error
  }
}

export const storageFailed = (
  error: unknown,
  folder: string,
  details?: readonly ErrorDetail[],
): PlotlineError =>
  new PlotlineError(
    'STORAGE_FAILED',
    `What is kept in ${folder} cannot be written or read: ${String(error)}`,
    details,
    { cause: error },
  )

/** A failure of the disk or of a file on it, not a bug. */
export const isStorageFailure = (error: unknown): boolean => failureOf(error) !== undefined

export const isFull = (error: unknown): boolean => failureOf(error) === 'full'

const FAILURES: Readonly<Partial<Record<ErrorCode, 'full' | 'failed'>>> = {
  STORAGE_FULL: 'full',
  STORAGE_FAILED: 'failed',
}

function failureOf(error: unknown): 'full' | 'failed' | undefined {
  if (error instanceof PlotlineError) return FAILURES[error.code]
  if (error instanceof Error && 'syscall' in error && 'code' in error)
    return error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'full' : 'failed'
  const failure = sqliteFailure(error)
  if (failure === 'other') return undefined
  return failure === 'full' ? 'full' : 'failed'
}
