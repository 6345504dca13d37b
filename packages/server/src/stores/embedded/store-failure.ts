import { sqliteFailure } from '../../sqlite/sqlite-failure.ts'
import { isStorageFailure, storageFailed, storageFailure } from '../../sqlite/storage-failure.ts'
import { DamagedBytes } from './codec/byte-reader.ts'
import { DamagedFile, isDamagedFile } from './damaged-file.ts'

/**
 * As {@link storageFailure}, and what is damaged in our own eyes too. `file`: which one it was, as `damagedFileOf` gives it back.
 */
export function storeFailure(error: unknown, folder: string, file?: string): unknown {
  const details = file !== undefined && mayBeDamaged(error) ? [{ damaged: file }] : undefined
  return isOwnDamage(error)
    ? storageFailed(error, folder, details)
    : storageFailure(error, folder, details)
}

/** A failure of the disk or of a file on it, not a bug. */
export const isStoreFailure = (error: unknown): boolean =>
  isOwnDamage(error) || isStorageFailure(error)

/** As {@link isDamagedFile}, or what it may show as too: a table that is not found, or a value that is none. */
export const mayBeDamaged = (error: unknown): boolean =>
  isDamagedFile(error) || error instanceof DamagedBytes || sqliteFailure(error) === 'refused'

const isOwnDamage = (error: unknown): boolean =>
  error instanceof DamagedFile || error instanceof DamagedBytes
