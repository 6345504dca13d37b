import { request as requestHttp, type OutgoingHttpHeaders } from 'node:http'
import { request as requestHttps } from 'node:https'

/** `not-taken` may be repeated. After `unknown` the server may have taken the body or not. */
export interface PostOutcome {
  readonly kind: 'taken' | 'not-taken' | 'refused' | 'unknown'
  readonly why: string
}

export interface Post {
  readonly outcome: Promise<PostOutcome>
  /** From now on the process waits for the answer. Until then it does not. */
  readonly keepAlive: () => void
}

const REQUEST_LIMIT_MS = 5000
/** Answers that say: nothing was taken, later perhaps. */
const TRY_LATER = new Set([429, 503, 507])

/** One request on a connection of its own: on one kept open an error could not tell whether the body had left. */
export function postText(target: URL, body: string, headers: OutgoingHttpHeaders): Post {
  const start = target.protocol === 'https:' ? requestHttps : requestHttp
  const request = start(target, {
    method: 'POST',
    agent: false,
    headers: {
      ...headers,
      'content-type': 'text/plain',
      'content-length': Buffer.byteLength(body),
    },
    signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
  })
  let isConnected = false
  let mayWait = false
  request.on('socket', (socket) => {
    if (!mayWait) socket.unref()
    socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      isConnected = true
    })
  })
  const outcome = new Promise<PostOutcome>((resolve) => {
    request.on('response', (response) => {
      response.resume()
      resolve(outcomeOf(response.statusCode ?? 0))
    })
    request.on('error', (error) =>
      resolve({ kind: isConnected ? 'unknown' : 'not-taken', why: error.message }),
    )
  })
  request.end(body)
  return {
    outcome,
    keepAlive() {
      mayWait = true
      request.socket?.ref()
    },
  }
}

function outcomeOf(status: number): PostOutcome {
  const why = `HTTP ${status}`
  if (status >= 200 && status < 300) return { kind: 'taken', why }
  if (TRY_LATER.has(status)) return { kind: 'not-taken', why }
  return { kind: status >= 500 ? 'unknown' : 'refused', why }
}
