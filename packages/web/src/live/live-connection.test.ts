import type { LiveMessage } from '@plotline/api'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createLiveConnection, type LiveConnection, type LiveSocket } from './live-connection.ts'

let server: WebSocketServer
let asked: unknown[]
let connection: LiveConnection

beforeEach(async () => {
  asked = []
  server = await listen(0)
  connection = createLiveConnection(`ws://127.0.0.1:${portOf(server)}/`, {
    openSocket: openWebSocket,
    firstDelayMs: 5,
  })
})

afterEach(() => {
  connection.close()
  for (const client of server.clients) client.terminate()
  server.close()
})

describe('createLiveConnection', () => {
  it('opens with the first subscription and delivers what carries its id', async () => {
    const got: LiveMessage[] = []
    connection.subscribe(
      () => ({ topic: 'job', jobId: 'ja' }),
      (message) => got.push(message),
    )
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    expect(asked[0]).toEqual({ op: 'subscribe', id: 1, topic: 'job', jobId: 'ja' })

    broadcast({ id: 2, type: 'subscribed' })
    broadcast('no message of ours')
    broadcast({ id: 1, type: 'subscribed' })
    await vi.waitFor(() => expect(got).toEqual([{ id: 1, type: 'subscribed' }]))
    expect(connection.state()).toEqual({ kind: 'live' })
  })

  it('comes back after a cut and asks only for what is missing', async () => {
    let held = 100
    connection.subscribe(
      () => ({ topic: 'metrics', jobId: 'ja', since: held }),
      () => undefined,
    )
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    held = 250
    for (const client of server.clients) client.terminate()

    await vi.waitFor(() => expect(asked).toHaveLength(2))
    expect(asked).toMatchObject([{ since: 100 }, { since: 250 }])
    expect(connection.state()).toMatchObject({
      kind: 'live',
      restored: { gapMs: expect.any(Number) },
    })
  })

  it('says that it is reconnecting while nobody listens there', async () => {
    const port = portOf(server)
    connection.subscribe(
      () => ({ topic: 'jobs' }),
      () => undefined,
    )
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    const states: string[] = []
    connection.onState(() => states.push(connection.state().kind))
    for (const client of server.clients) client.terminate()
    server.close()
    await vi.waitFor(() => expect(states.length).toBeGreaterThan(1))
    expect(states).not.toContain('live')

    server = await listen(port)
    connection.retryNow()
    await vi.waitFor(() => expect(connection.state().kind).toBe('live'))
  })

  it('tells the server when a subscription ends and delivers nothing of it any more', async () => {
    const got: LiveMessage[] = []
    const stop = connection.subscribe(
      () => ({ topic: 'log', jobId: 'ja', after: 7 }),
      (message) => got.push(message),
    )
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    stop()
    stop()
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    expect(asked[1]).toEqual({ op: 'unsubscribe', id: 1 })
    broadcast({ id: 1, type: 'subscribed' })

    connection.subscribe(
      () => ({ topic: 'jobs' }),
      (message) => got.push(message),
    )
    await vi.waitFor(() => expect(asked).toHaveLength(3))
    broadcast({ id: 2, type: 'subscribed' })
    await vi.waitFor(() => expect(got).toEqual([{ id: 2, type: 'subscribed' }]))
  })

  it('waits longer after each failure, up to a limit, and never a fixed time', () => {
    vi.useFakeTimers()
    let close: (() => void) | undefined
    const failing = createLiveConnection('ws://nowhere', {
      openSocket: () => ({
        addEventListener(type: string, listener: (event: never) => void) {
          if (type === 'close') close = listener as () => void
        },
        send: () => undefined,
        close: () => undefined,
      }),
      now: () => 0,
      random: () => 0.5,
    })
    failing.subscribe(
      () => ({ topic: 'jobs' }),
      () => undefined,
    )
    const delays = Array.from({ length: 8 }, () => {
      close?.()
      const state = failing.state()
      vi.runOnlyPendingTimers()
      return state.kind === 'reconnecting' ? state.retryAt : Number.NaN
    })
    expect(delays).toEqual([375, 750, 1500, 3000, 6000, 11_250, 11_250, 11_250])
    failing.close()
    vi.useRealTimers()
  })
})

function openWebSocket(url: string): LiveSocket {
  const socket = new WebSocket(url)
  socket.on('error', () => undefined)
  return socket
}

async function listen(port: number): Promise<WebSocketServer> {
  const listening = new WebSocketServer({ host: '127.0.0.1', port })
  listening.on('connection', (client) => {
    client.on('message', (data: Buffer) => asked.push(JSON.parse(data.toString())))
  })
  await once(listening, 'listening')
  return listening
}

const portOf = (listening: WebSocketServer): number => (listening.address() as AddressInfo).port

function broadcast(message: unknown): void {
  for (const client of server.clients) client.send(JSON.stringify(message))
}
