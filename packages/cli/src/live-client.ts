import { API, LiveMessage, type LiveRequest } from '@plotline/api'
import { Value } from 'typebox/value'
import { WebSocket } from 'ws'
import type { ServerAddress } from './config.ts'
import { parseJson } from './parse-json.ts'
import { failed, type Problem } from './problem.ts'
import { keyRefused, notUnderstood, unreachable } from './server-client.ts'

const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 5000
/** A server that stays away longer than this is given up; the job itself goes on. */
const GIVE_UP_AFTER_MS = 10 * 60_000
/** A connection that answers no ping for as long as this is dead, whatever TCP says. */
const PING_EVERY_MS = 15_000
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

export interface LiveOptions {
  readonly address: ServerAddress
  /** Asked again at each connection: requests carry what is held by then (`after`, `since`), so that nothing comes twice. */
  readonly requests: () => readonly LiveRequest[]
  /** Returns whether all that was wanted has come. What it throws ends the connection and rejects `finished`. */
  readonly onMessage: (message: LiveMessage) => boolean
  readonly onLost: () => void
  readonly onBack: () => void
  readonly now: () => number
}

export interface Live {
  /** Resolves when `onMessage` said so or `close` was called; rejects when the server refuses or stays away. */
  readonly finished: Promise<void>
  /** Holds messages back, in the server if need be, until `resume`. */
  pause(): void
  resume(): void
  /** Sends `requests` again on the connection at hand; a subscription of the same id is replaced. */
  subscribeAgain(): void
  close(): void
}

/** Subscribes over the live socket and stays subscribed: a lost connection is made anew and goes on where it ended. */
export function openLive(options: LiveOptions): Live {
  let settle: ((problem?: unknown) => void) | undefined
  const finished = new Promise<void>((resolve, reject) => {
    settle = (problem) => (problem === undefined ? resolve() : reject(problem))
  })
  let socket: WebSocket | undefined
  let paused = false
  let lostAt: number | undefined
  let retryMs = FIRST_RETRY_MS
  let retry: NodeJS.Timeout | undefined
  let over = false

  const end = (problem?: unknown): void => {
    if (over) return
    over = true
    clearTimeout(retry)
    socket?.terminate()
    settle?.(problem)
  }

  const lost = (): void => {
    if (over) return
    if (lostAt === undefined) options.onLost()
    lostAt ??= options.now()
    if (options.now() - lostAt > GIVE_UP_AFTER_MS) return end(unreachable(options.address))
    retry = setTimeout(connect, retryMs)
    retryMs = Math.min(MAX_RETRY_MS, retryMs * 2)
  }

  const opened = (fresh: WebSocket): void => {
    if (lostAt !== undefined) options.onBack()
    lostAt = undefined
    retryMs = FIRST_RETRY_MS
    subscribe(fresh, options.requests())
    if (paused) fresh.pause()
  }

  const connect = (): void => {
    const fresh = openSocket(options.address)
    socket = fresh
    fresh.on('open', () => opened(fresh))
    fresh.addEventListener('message', ({ data }) => {
      if (over) return
      try {
        if (options.onMessage(readMessage(options.address, data))) end()
      } catch (error) {
        end(error)
      }
    })
    fresh.on('unexpected-response', (_request, { statusCode = 0 }) => {
      const refused = refusedUpgrade(options.address, statusCode)
      if (refused === undefined) fresh.terminate()
      else end(refused)
    })
    // "close" follows every error, and that is where a lost connection is handled.
    fresh.on('error', () => undefined)
    fresh.on('close', lost)
    keepAlive(fresh, () => paused)
  }
  connect()

  return {
    finished,
    pause: () => {
      paused = true
      if (socket?.readyState === WebSocket.OPEN) socket.pause()
    },
    resume: () => {
      paused = false
      if (socket?.readyState === WebSocket.OPEN) socket.resume()
    },
    subscribeAgain: () => {
      if (socket?.readyState === WebSocket.OPEN) subscribe(socket, options.requests())
    },
    close: () => end(),
  }
}

function subscribe(socket: WebSocket, requests: readonly LiveRequest[]): void {
  for (const request of requests) socket.send(JSON.stringify(request))
}

function openSocket({ url, apiKey }: ServerAddress): WebSocket {
  return new WebSocket(`${url.replace(/^http/, 'ws')}${API}/live`, {
    headers: apiKey === undefined ? {} : { 'x-api-key': apiKey },
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: PING_EVERY_MS,
  })
}

/** A paused socket reads no pongs, so that it is not asked for any. */
function keepAlive(socket: WebSocket, isPaused: () => boolean): void {
  let heard = true
  socket.on('pong', () => (heard = true))
  socket.on('message', () => (heard = true))
  const timer = setInterval(() => {
    if (isPaused() || socket.readyState !== WebSocket.OPEN) {
      heard = true
      return
    }
    if (!heard) return socket.terminate()
    heard = false
    socket.ping()
  }, PING_EVERY_MS)
  timer.unref()
  socket.on('close', () => clearInterval(timer))
}

function readMessage(address: ServerAddress, data: unknown): LiveMessage {
  const message = typeof data === 'string' ? parseJson(data) : undefined
  if (!Value.Check(LiveMessage, message)) throw notUnderstood(address)
  return message
}

/** Undefined where trying again may help. */
function refusedUpgrade(address: ServerAddress, status: number): Problem | undefined {
  if (status === 401) return keyRefused(address)
  if (status >= 500) return undefined
  return failed(`${address.url} answered ${status} where its live connection should be.`)
}
