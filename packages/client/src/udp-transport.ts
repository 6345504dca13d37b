import { openDatagrams } from './datagrams.ts'
import type { Destination } from './destination.ts'
import type { Notify } from './notices.ts'
import { atExit } from './process-end.ts'
import type { Line, Transport } from './transport.ts'

/** What fits into one Ethernet frame on nearly every path. */
const MTU_BYTES = 1432
/** A turn of the event loop lasts minutes in code that only computes: its lines then leave with a later call. */
const MAX_HOLD_MS = 100

/** Holds lines for the rest of the event loop's turn, then sends them in few datagrams. */
export function openUdp(destination: Destination, notify: Notify): Transport {
  const datagrams = openDatagrams(destination, notify)
  const held: string[] = []
  const gauges = new Set<string>()
  let heldBytes = 0
  let heldSinceMs = 0
  let turnEnd: NodeJS.Immediate | undefined
  const forgetExit = atExit(flush)
  return { dropped: () => datagrams.dropped(), send, close }

  function send(line: Line): void {
    const nowMs = performance.now()
    if (held.length > 0 && !mayJoin(line, nowMs)) flush()
    if (held.length === 0) heldSinceMs = nowMs
    held.push(line.text)
    heldBytes += line.text.length + 1
    if (line.type === 'g') gauges.add(line.name)
    turnEnd ??= setImmediate(flush).unref()
  }

  /** A gauge comes once in a datagram: of several values the server would have to guess when they were set. */
  function mayJoin(line: Line, nowMs: number): boolean {
    const fits = heldBytes + line.text.length <= MTU_BYTES
    return fits && nowMs - heldSinceMs < MAX_HOLD_MS && !gauges.has(line.name)
  }

  function flush(): void {
    clearImmediate(turnEnd)
    turnEnd = undefined
    if (held.length === 0) return
    datagrams.send({ text: held.join('\n'), samples: held.length })
    held.length = 0
    heldBytes = 0
    gauges.clear()
  }

  async function close(): Promise<void> {
    flush()
    forgetExit()
    await datagrams.close()
  }
}
