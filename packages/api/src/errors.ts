import { Type, type Static } from 'typebox'

/** Codes are API: never renamed, never reused. Each has its HTTP status. */
export const ERROR_STATUS = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  HOST_NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  FILE_NOT_FOUND: 404,
  JOB_NOT_RUNNING: 409,
  JOB_BEING_DELETED: 409,
  BODY_TOO_LARGE: 413,
  INVALID_METRIC_NAME: 422,
  METRIC_NAME_TOO_LONG: 422,
  TOO_MANY_METRICS: 422,
  INVALID_METRIC_LIST: 422,
  INVALID_JOB: 422,
  CONTAINER_UNSUPPORTED: 422,
  WORKSPACE_NOT_FOUND: 422,
  UNKNOWN_METRIC: 422,
  INTERNAL: 500,
  STORAGE_FULL: 507,
  STORAGE_FAILED: 500,
} as const

export type ErrorCode = keyof typeof ERROR_STATUS

/** The body of every answer that is not a success. `details` has one entry for each thing at fault, where there are several. */
export const ErrorBody = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    details: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
  }),
})
export type ErrorBody = Static<typeof ErrorBody>
