import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

export interface UdpSocket {
  readonly address: string
  readonly port: number
  /** What the kernel gave: Linux doubles what was asked, up to twice `net.core.rmem_max`. */
  readonly receiveBufferBytes: number
  close(): Promise<void>
}

/** Binds at once or rejects; `port` 0 is any. The listener reads the bytes before it returns. */
export async function openUdpSocket(
  host: string,
  port: number,
  receiveBufferBytes: number,
  onDatagram: (bytes: Uint8Array, sender: RemoteInfo) => void,
): Promise<UdpSocket> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' })
  socket.on('message', onDatagram)
  socket.bind({ address: host, port })
  await once(socket, 'listening')
  // What the network tells of a datagram that somebody else sent is no reason to stop listening.
  socket.on('error', () => undefined)
  askForBuffer(socket, receiveBufferBytes)
  return {
    address: socket.address().address,
    port: socket.address().port,
    receiveBufferBytes: socket.getRecvBufferSize(),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

/** macOS refuses what it cannot give instead of giving less. */
function askForBuffer(socket: Socket, bytes: number): void {
  for (let asked = bytes; asked >= 65_536; asked /= 2)
    try {
      socket.setRecvBufferSize(asked)
      return
    } catch {
      continue
    }
}
