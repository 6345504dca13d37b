import type { ErrorBody, ErrorCode } from '@plotline/api'

export type ErrorDetail = NonNullable<ErrorBody['error']['details']>[number]
/** The server's own codes, and two for answers that are not its own. */
export type ApiErrorCode = ErrorCode | 'UNREACHABLE' | 'UNKNOWN'

/** What went wrong with a request, in the server's words where it had any. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  /** 0 where the server could not be reached. */
  readonly status: number
  readonly details: readonly ErrorDetail[]

  constructor(
    code: ApiErrorCode | (string & {}),
    message: string,
    status: number,
    details: readonly ErrorDetail[] = [],
  ) {
    super(message)
    this.code = code
    this.status = status
    this.details = details
  }
}

/** From an answer's body, which may come from a proxy and be anything. */
export function apiErrorOf(status: number, body: unknown): ApiError {
  const error = isRecord(body) ? body['error'] : undefined
  if (!isRecord(error) || typeof error['message'] !== 'string')
    return new ApiError('UNKNOWN', `The server answered ${status} without saying why.`, status)
  const { code, message, details } = error
  return new ApiError(
    typeof code === 'string' ? code : 'UNKNOWN',
    message,
    status,
    Array.isArray(details) ? details.filter(isRecord) : [],
  )
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
