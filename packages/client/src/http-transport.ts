import { validateHeaderValue } from 'node:http'
import type { Notify } from './notices.ts'
import { postText, type PostOutcome } from './post-text.ts'
import { beforeExit } from './process-end.ts'
import type { Line, Transport } from './transport.ts'

export interface HttpDestination {
  /** Of the server, without a path. */
  readonly url: string
  readonly apiKey: string
  readonly jobId: string
}

export const MAX_HELD_BYTES = 1_048_576
const MAX_BODY_BYTES = 262_144
const FLUSH_MS = 250
const MAX_RETRY_MS = 15_000
/** Lines that waited longer name the second of their making; the server gives the others the time of their arrival. */
const FRESH_MS = 1000

interface Held {
  readonly text: string
  readonly madeMs: number
}

/** Samples by HTTP POST, for networks that carry no UDP. */
export function openHttp(
  { url, apiKey, jobId }: HttpDestination,
  notify: Notify,
  nowMs: () => number = Date.now,
): Transport {
  const target = new URL(`/api/v1/jobs/${encodeURIComponent(jobId)}/samples`, url)
  if (!target.protocol.startsWith('http')) throw new TypeError(`${url} is no http address`)
  validateHeaderValue('x-api-key', apiKey)
  const held: Held[] = []
  let heldBytes = 0
  let dropped = 0
  let retryMs = FLUSH_MS
  let timer: NodeJS.Timeout | undefined
  let draining: Promise<void> | undefined
  let isEnding = false
  let keepAlive: (() => void) | undefined
  const forgetEnd = beforeExit(finish)
  return { dropped: () => dropped, send, close }

  function send({ text }: Line): void {
    held.push({ text, madeMs: nowMs() })
    heldBytes += text.length + 1
    if (heldBytes > MAX_HELD_BYTES) dropOldest()
    if (!draining) schedule(retryMs)
  }

  /** A body's worth at a time, so that a full buffer costs little per sample. */
  function dropOldest(): void {
    dropped += takeBody().length
    notify('full', 'the server has taken no samples for too long: the oldest are dropped')
  }

  function schedule(delayMs: number): void {
    timer ??= setTimeout(drain, delayMs).unref()
  }

  function drain(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    draining ??= postAll().finally(() => {
      draining = undefined
      keepAlive = undefined
      if (held.length > 0) schedule(retryMs)
    })
    return draining
  }

  async function postAll(): Promise<void> {
    while (held.length > 0) {
      const batch = takeBody()
      const post = postText(target, bodyOf(batch, nowMs()), { 'x-api-key': apiKey })
      keepAlive = post.keepAlive
      if (isEnding) keepAlive()
      const outcome = await post.outcome
      settle(batch, outcome)
      if (outcome.kind !== 'taken') return
    }
  }

  function takeBody(): Held[] {
    let count = 0
    let bytes = 0
    for (const line of held) {
      if (count > 0 && bytes + line.text.length >= MAX_BODY_BYTES) break
      bytes += line.text.length + 1
      count++
    }
    heldBytes -= bytes
    return held.splice(0, count)
  }

  /** What may have been counted is not sent again: a lost sample shows, one counted twice does not. */
  function settle(batch: readonly Held[], { kind, why }: PostOutcome): void {
    retryMs = kind === 'taken' ? FLUSH_MS : Math.min(retryMs * 2, MAX_RETRY_MS)
    switch (kind) {
      case 'taken':
        return
      case 'not-taken':
        notify(kind, `${target.origin} takes no samples now (${why}): they wait here`)
        return putBack(batch)
      case 'unknown':
      case 'refused':
        notify(kind, `${target.href} did not take samples (${why}): they are lost`)
        dropped += batch.length
    }
  }

  function putBack(batch: readonly Held[]): void {
    held.unshift(...batch)
    for (const { text } of batch) heldBytes += text.length + 1
    if (heldBytes > MAX_HELD_BYTES) dropOldest()
  }

  /** The process is done: one last try, and it may wait for that one. */
  function finish(): void {
    if (isEnding) return
    isEnding = true
    keepAlive?.()
    if (held.length > 0) void drain()
  }

  async function close(): Promise<void> {
    isEnding = true
    keepAlive?.()
    await draining
    await drain()
    clearTimeout(timer)
    dropped += held.length
    held.length = 0
    forgetEnd()
  }
}

function bodyOf(batch: readonly Held[], sentMs: number): string {
  const lines = batch.map(({ text, madeMs }) =>
    sentMs - madeMs > FRESH_MS ? `${text}|T${Math.floor(madeMs / 1000)}` : text,
  )
  return lines.join('\n')
}
