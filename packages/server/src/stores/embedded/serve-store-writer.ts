import type { MessagePort } from 'node:worker_threads'
import type { Room } from '../../metrics/metric-store.ts'
import { serveCalls } from '../../thread-call.ts'
import { StoreWriter, type StoreWriterOptions } from './store-writer.ts'

const SEAL_CHECK_MS = 1000
const SEAL_EVERY_MS = 60_000
/** Nothing of a deleted job should lie in hot.db for long; who deletes one may delete many. */
const SEAL_AFTER_DELETION_MS = 5000
/** Sealing takes at most this share of the thread's time, however many series there are. */
const SEAL_SHARE = 0.1
/** A stop should be quick: what is not sealed by then is safe in hot.db. */
const CLOSE_BUDGET_MS = 2000

/** What the store's thread does: answers calls on `port`, and seals from time to time. */
export function serveStoreWriter(port: MessagePort, options: StoreWriterOptions): void {
  const writer = new StoreWriter(options)
  const sealing = sealFromTimeToTime(writer)
  const append = (...args: Parameters<StoreWriter['append']>): void => writer.append(...args)
  const room = (): Room => writer.room()
  serveCalls(port, {
    append,
    room,
    makeRoom: () => writer.makeRoom(),
    appendFrom: (from: MessagePort): void => serveCalls(from, { append, room }),
    lastSeq: () => writer.lastSeq(),
    bytesOf: (...args: Parameters<StoreWriter['bytesOf']>) => writer.bytesOf(...args),
    voidJob: (...args: Parameters<StoreWriter['voidJob']>) => writer.voidJob(...args),
    deleteJob(...args: Parameters<StoreWriter['deleteJob']>): number {
      sealing.soon()
      return writer.deleteJob(...args)
    },
    replaceFile: (...args: Parameters<StoreWriter['replaceFile']>) => writer.replaceFile(...args),
    sealJob: (...args: Parameters<StoreWriter['sealJob']>) => writer.sealJob(...args),
    damage: () => writer.damage(),
    mend: (...args: Parameters<StoreWriter['mend']>) => writer.mend(...args),
    seal: () => writer.seal(),
    async close(): Promise<void> {
      sealing.stop()
      const deadline = performance.now() + CLOSE_BUDGET_MS
      await writer.close(() => performance.now() > deadline)
    },
  })
}

interface Sealing {
  soon(): void
  stop(): void
}

function sealFromTimeToTime(writer: StoreWriter): Sealing {
  let dueAt = performance.now() + SEAL_EVERY_MS
  let restUntil = 0
  let isSealing = false
  const timer = setInterval(() => {
    const start = performance.now()
    const isTime = start >= dueAt && start >= restUntil
    if (isSealing || !(isTime || writer.isSealDue())) return
    isSealing = true
    dueAt = start + SEAL_EVERY_MS
    const sealed = (): void => {
      isSealing = false
      const now = performance.now()
      restUntil = now + (now - start) / SEAL_SHARE
    }
    // A failed one is tried again: the ticks are safe where they are, and appends report a full disk by themselves.
    writer.seal().then(sealed, sealed)
  }, SEAL_CHECK_MS)
  return {
    soon: () => {
      dueAt = Math.min(dueAt, performance.now() + SEAL_AFTER_DELETION_MS)
    },
    stop: () => clearInterval(timer),
  }
}
