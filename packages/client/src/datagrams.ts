import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import type { Destination } from './destination.ts'
import type { Notify } from './notices.ts'

interface Datagram {
  readonly text: string
  readonly samples: number
}

/** Sends datagrams before `send` returns, even while the process exits. Never throws or waits. */
export interface Datagrams {
  /** Samples of datagrams that nobody took, near enough: a refusal does not say which one it answers. */
  dropped(): number
  send(datagram: Datagram): void
  /** Resolves when the system has taken or refused all. */
  close(): Promise<void>
}

/** Datagrams that the system has not taken yet, before further ones are dropped. */
const MAX_UNSENT = 1024

export function openDatagrams({ host, port }: Destination, notify: Notify): Datagrams {
  const waiting: Datagram[] = []
  const whenIdle: (() => void)[] = []
  let address = isIP(host) ? host : undefined
  let socket: Socket | undefined
  let unsent = 0
  let dropped = 0
  let latest = 0

  if (!address) lookup(host, onAddress)
  return { dropped: () => dropped, send, close }

  function onAddress(error: Error | null, found: string): void {
    if (error) {
      notify('host', `cannot find the server "${host}" (${error.message}): nothing will be sent`)
    } else address = found
    for (const datagram of waiting.splice(0)) {
      if (error) settle(datagram, error)
      else transmit(datagram, true)
    }
  }

  function send(datagram: Datagram): void {
    if (unsent >= MAX_UNSENT) {
      dropped += datagram.samples
      return
    }
    unsent++
    if (address) transmit(datagram, true)
    else waiting.push(datagram)
  }

  function transmit(datagram: Datagram, mayRepeat: boolean): void {
    try {
      socket ??= connected()
      socket.send(datagram.text, (error) => {
        if (error && mayRepeat) repeat(datagram, error)
        else settle(datagram, error)
      })
      latest = datagram.samples
    } catch (error) {
      settle(datagram, error)
    }
  }

  /** The error is that of an earlier datagram or of a network that is no more: this one was not sent. */
  function repeat(datagram: Datagram, error: Error): void {
    onError(error)
    transmit(datagram, false)
  }

  function settle(datagram: Datagram, error: unknown): void {
    if (error) dropped += datagram.samples
    unsent--
    if (unsent === 0) for (const resolve of whenIdle.splice(0)) resolve()
  }

  function connected(): Socket {
    const fresh = createSocket({
      type: isIP(address ?? '') === 6 ? 'udp6' : 'udp4',
      // The address is one already. Without a turn for a look-up, connect and send happen at once.
      lookup: (ip, _options, done) => done(null, ip, isIP(ip)),
    })
    fresh.on('error', onError)
    fresh.connect(port, address)
    return fresh.unref()
  }

  function onError(error: Error): void {
    if ('code' in error && error.code === 'ECONNREFUSED') dropped += latest
    else discard()
  }

  function discard(): void {
    const former = socket
    socket = undefined
    former?.close()
  }

  async function close(): Promise<void> {
    if (unsent > 0) await new Promise<void>((resolve) => whenIdle.push(resolve))
    discard()
  }
}
