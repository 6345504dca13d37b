import { ERROR_STATUS, type ErrorCode } from '@plotline/api/names'

export type ErrorDetail = Readonly<Record<string, unknown>>

/** An expected failure. `code` is public API; the text says what happened to which thing and what to do. */
export class PlotlineError extends Error {
  override readonly name = 'PlotlineError'
  readonly code: ErrorCode
  readonly details: readonly ErrorDetail[] | undefined

  constructor(
    code: ErrorCode,
    message: string,
    details?: readonly ErrorDetail[],
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }

  get status(): number {
    return ERROR_STATUS[this.code]
  }
}

export const jobNotFound = (id: string): PlotlineError =>
  new PlotlineError('JOB_NOT_FOUND', `No job has the id "${id}". It may have been deleted.`)

export const jobExists = (id: string): PlotlineError =>
  new PlotlineError(
    'JOB_EXISTS',
    `There is a job "${id}" here already, or it is just being deleted. To have it as it is in the archive, delete it and import again.`,
  )

export const jobNotRunning = (id: string, state: string): PlotlineError =>
  new PlotlineError('JOB_NOT_RUNNING', `Job "${id}" is not running: its state is ${state}.`)

/** The disk, or a file on it, failed; which may pass. */
export const isStorageError = (error: unknown): boolean =>
  error instanceof PlotlineError &&
  (error.code === 'STORAGE_FULL' || error.code === 'STORAGE_FAILED')

export const noRoomToImport = (): PlotlineError =>
  new PlotlineError(
    'STORAGE_FULL',
    'There is no room left to import the job. Free space on the disk, or delete jobs.',
  )
