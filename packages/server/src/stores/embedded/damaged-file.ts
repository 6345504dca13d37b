import { PlotlineError } from '../../errors.ts'
import { sqliteFailure } from '../../sqlite/sqlite-failure.ts'

/** Thrown where a file as a whole cannot be what was written, though SQLite has not noticed. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile'
}

/** Whether a file is to be mended: SQLite cannot follow its pages, or we found that they are not what was written. */
export const isDamagedFile = (error: unknown): boolean =>
  error instanceof DamagedFile || sqliteFailure(error) === 'corrupt'

/** What a reader's failure says of the file that may be damaged: `hot.db`, or a job's id. */
export function damagedFileOf(error: unknown): string | undefined {
  if (!(error instanceof PlotlineError) || error.code !== 'STORAGE_FAILED') return undefined
  const damaged = error.details?.[0]?.['damaged']
  return typeof damaged === 'string' ? damaged : undefined
}
