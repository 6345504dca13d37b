import type { LiveMessage, LiveRequest } from '@plotline/api'

type Subscribe = Extract<LiveRequest, { op: 'subscribe' }>
type WithoutAddress<T> = T extends unknown ? Omit<T, 'op' | 'id'> : never

/** What to listen to, with `since` or `after` naming what the listener holds already. */
export type LiveTopic = WithoutAddress<Subscribe>

export type LiveState =
  | { readonly kind: 'connecting' }
  /** `restored`: how long the line was cut before it came back, and when it did. */
  | { readonly kind: 'live'; readonly restored?: { readonly gapMs: number; readonly at: number } }
  | { readonly kind: 'reconnecting'; readonly retryAt: number; readonly since: number }

export interface LiveConnection {
  /** `topic` is asked again after every gap, so that the server sends only what is missing. Call the result to stop. */
  readonly subscribe: (
    topic: () => LiveTopic,
    onMessage: (message: LiveMessage) => void,
  ) => () => void
  readonly state: () => LiveState
  readonly onState: (listener: () => void) => () => void
  /** Tries at once instead of waiting for the next attempt. */
  readonly retryNow: () => void
  readonly close: () => void
}

/** What this file needs of a WebSocket: the browser's, or the one of a program. */
export interface LiveSocket {
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'open' | 'close', listener: () => void): void
  send(text: string): void
  close(): void
}

export interface LiveOptions {
  readonly openSocket: (url: string) => LiveSocket
  readonly now?: () => number
  /** In [0, 1): spreads the attempts of many tabs after a restart of the server. */
  readonly random?: () => number
  readonly firstDelayMs?: number
}

const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 15_000

/** The one line of this tab to the server. It opens with the first subscription and comes back by itself until it is closed. */
export function createLiveConnection(url: string, options: LiveOptions): LiveConnection {
  const { openSocket, now = Date.now, random = Math.random } = options
  const firstDelayMs = options.firstDelayMs ?? FIRST_DELAY_MS
  const subscriptions = new Map<number, Subscription>()
  const stateListeners = new Set<() => void>()
  let state: LiveState = { kind: 'connecting' }
  let socket: LiveSocket | undefined
  let isOpen = false
  let isClosed = false
  let lastId = 0
  let failures = 0
  let cutAt: number | undefined
  let retryTimer: ReturnType<typeof setTimeout> | undefined

  return {
    subscribe(topic, onMessage) {
      const id = ++lastId
      subscriptions.set(id, { topic, onMessage })
      if (isOpen) ask(id, topic())
      else if (socket === undefined && retryTimer === undefined) connect()
      return () => {
        if (subscriptions.delete(id) && isOpen) send({ op: 'unsubscribe', id })
      }
    },
    state: () => state,
    onState(listener) {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
    retryNow() {
      if (retryTimer !== undefined) connect()
    },
    close() {
      isClosed = true
      clearTimeout(retryTimer)
      socket?.close()
    },
  }

  function connect(): void {
    clearTimeout(retryTimer)
    retryTimer = undefined
    if (isClosed || subscriptions.size === 0) return
    const opening = openSocket(url)
    socket = opening
    opening.addEventListener('open', () => opened())
    opening.addEventListener('message', ({ data }) => deliver(data))
    opening.addEventListener('close', () => cut())
  }

  function opened(): void {
    isOpen = true
    failures = 0
    const restored = cutAt === undefined ? {} : { restored: { gapMs: now() - cutAt, at: now() } }
    cutAt = undefined
    enter({ kind: 'live', ...restored })
    for (const [id, { topic }] of subscriptions) ask(id, topic())
  }

  function cut(): void {
    const wasLive = isOpen
    isOpen = false
    socket = undefined
    if (isClosed) return
    if (wasLive) cutAt = now()
    const longest = Math.min(MAX_DELAY_MS, firstDelayMs * 2 ** failures++)
    const delayMs = longest * (0.5 + random() / 2)
    retryTimer = setTimeout(connect, delayMs)
    enter({ kind: 'reconnecting', retryAt: now() + delayMs, since: cutAt ?? now() })
  }

  function deliver(data: unknown): void {
    const message = readMessage(data)
    if (message !== undefined) subscriptions.get(message.id)?.onMessage(message)
  }

  function ask(id: number, topic: LiveTopic): void {
    send({ op: 'subscribe', id, ...topic })
  }

  function send(request: LiveRequest): void {
    socket?.send(JSON.stringify(request))
  }

  function enter(next: LiveState): void {
    state = next
    for (const listener of stateListeners) listener()
  }
}

interface Subscription {
  readonly topic: () => LiveTopic
  readonly onMessage: (message: LiveMessage) => void
}

function readMessage(data: unknown): LiveMessage | undefined {
  if (typeof data !== 'string') return undefined
  const message: unknown = JSON.parse(data)
  return isLiveMessage(message) ? message : undefined
}

const MESSAGE_TYPES: ReadonlySet<unknown> = new Set<LiveMessage['type']>([
  'subscribed',
  'job',
  'job-deleted',
  'metrics',
  'log',
  'error',
])

/** The server's own checks hold for what is inside: a whole schema would cost the page 30 kB and every message a walk. */
function isLiveMessage(message: unknown): message is LiveMessage {
  return (
    typeof message === 'object' &&
    message !== null &&
    'id' in message &&
    typeof message.id === 'number' &&
    'type' in message &&
    MESSAGE_TYPES.has(message.type)
  )
}
