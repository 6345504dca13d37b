import type { ErrorBody } from '@plotline/api'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { PlotlineError } from '../errors.ts'

/** Every failure leaves as the one error body. What nobody expected is logged whole and told without its inside. */
export function onError(
  error: FastifyError | PlotlineError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = error instanceof PlotlineError ? error : knownError(error)
  if (known) return reply.code(known.status).send(errorBody(known))
  // Who breaks off while sending is no failure of ours.
  if (request.raw.destroyed && !request.raw.complete)
    request.log.info({ url: request.url }, 'request broken off')
  else request.log.error({ err: error, url: request.url }, 'request failed')
  return reply
    .code(500)
    .send(
      errorBody(
        new PlotlineError('INTERNAL', 'The server failed at this request. Its log says why.'),
      ),
    )
}

export function errorBody({ code, message, details }: PlotlineError): ErrorBody {
  return {
    error: { code, message, ...(details && { details: details.map((detail) => ({ ...detail })) }) },
  }
}

/** What Fastify itself refuses: bodies and parameters that do not fit their schema. And a disk that fails below any file. */
function knownError(error: FastifyError): PlotlineError | undefined {
  if (error.code === 'EIO')
    return new PlotlineError('STORAGE_FAILED', `The disk failed: ${error.message}.`)
  if (error.statusCode === 413) return new PlotlineError('BODY_TOO_LARGE', `${error.message}.`)
  if (error.validation) {
    const details = error.validation.map(({ instancePath, message }) => ({
      field: instancePath.replace(/^\//, '').replaceAll('/', '.'),
      message: message ?? 'is not valid',
    }))
    return new PlotlineError('BAD_REQUEST', `${error.message}.`, details)
  }
  const status = error.statusCode ?? 500
  return status >= 400 && status < 500 ? new PlotlineError('BAD_REQUEST', error.message) : undefined
}
