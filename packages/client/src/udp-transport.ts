import { encodeLine } from '@plotline/wire'
import { openDatagrams } from './datagrams.ts'
import type { Destination } from './destination.ts'
import type { Notify } from './notices.ts'
import { atExit } from './process-end.ts'
import type { Line, Transport } from './transport.ts'

/** What fits into one Ethernet frame on nearly every path. */
const MTU_BYTES = 1432
/** A turn of the event loop lasts minutes in code that only computes: its lines then leave with a later call. */
const MAX_HOLD_MS = 100

/**
 * Holds lines for the rest of the event loop's turn, then sends them in few datagrams. A metric comes once in a datagram: where it
 * comes twice, the server takes it for a client that held samples back, and estimates when they were made.
 */
export function openUdp(destination: Destination, notify: Notify): Transport {
  const datagrams = openDatagrams(destination, notify)
  const held = new Map<string, Line>()
  let heldBytes = 0
  let heldSamples = 0
  let heldSinceMs = 0
  let turnEnd: NodeJS.Immediate | undefined
  const forgetExit = atExit(flush)
  return { dropped: () => datagrams.dropped(), send, close }

  function send(line: Line): void {
    const nowMs = performance.now()
    if (held.size > 0 && nowMs - heldSinceMs >= MAX_HOLD_MS) flush()
    if (!join(line)) {
      flush()
      join(line)
    }
    if (heldSamples++ === 0) heldSinceMs = nowMs
    turnEnd ??= setImmediate(flush).unref()
  }

  function join(line: Line): boolean {
    const former = held.get(line.name)
    const joined = former ? sumOf(former, line) : line
    if (!joined) return false
    const bytes = heldBytes + joined.text.length + 1 - (former ? former.text.length + 1 : 0)
    if (held.size > 0 && bytes > MTU_BYTES + 1) return false
    held.set(line.name, joined)
    heldBytes = bytes
    return true
  }

  function flush(): void {
    clearImmediate(turnEnd)
    turnEnd = undefined
    if (held.size === 0) return
    const text = Array.from(held.values(), (line) => line.text).join('\n')
    datagrams.send({ text, samples: heldSamples })
    held.clear()
    heldBytes = 0
    heldSamples = 0
  }

  async function close(): Promise<void> {
    flush()
    forgetExit()
    await datagrams.close()
  }
}

/** Whole steps of one counter add up exactly, so that a tight loop sends one line; other numbers are the server's to add. */
function sumOf(former: Line, { name, value, type, tags }: Line): Line | undefined {
  if (type !== 'c' || former.type !== 'c') return undefined
  const sum = Number(former.value) + Number(value)
  if (![former.value, value, sum].every(Number.isSafeInteger)) return undefined
  const text = encodeLine(name, sum, type, tags)
  return text === undefined ? undefined : { name, value: sum, type, tags, text }
}
