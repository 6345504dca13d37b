export const MAX_LINE_BYTES = 64 * 1024
/** A state of a line that "\r" overwrites sooner than this after it came is not kept: a progress bar is one line. */
const REDRAWN_MS = 1000
/** But of a bar that never rests one state in this time is kept, so that one sees it live. */
const REDRAWN_KEEP_MS = 10_000
/** A begun line that nothing is added to for this long is shown as it is; each time it happens to one line, twice as long. */
const SETTLE_MS = 1000
const MAX_SETTLE_MS = 60_000

const LF = 0x0a
const CR = 0x0d

/** `size` bytes at the start of `bytes`, which is used again. Not ended: the line goes on in the next one. */
export type PutLine = (bytes: Uint8Array, size: number, isEnded: boolean) => void

/** The line that one stream is writing, from chunks cut anywhere. */
export interface LogLineState {
  add(chunk: Uint8Array, now: number): void
  settle(now: number): void
  /** The stream is over. */
  finish(): void
}

export function newLogLine(put: PutLine): LogLineState {
  const bytes = Buffer.allocUnsafe(MAX_LINE_BYTES)
  let size = 0
  /** The last byte was "\r": whether it ends the line with a "\n" or redraws it, the next byte tells. */
  let isReturned = false
  /** Since when "\r" redraws this line, or when a state of it was last kept. */
  let redrawnSince: number | undefined
  /** What is in `bytes` is in the log. */
  let isShown = false
  let changedAt = 0
  let settleMs = SETTLE_MS

  function add(chunk: Uint8Array, now: number): void {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0
      if (byte === LF) endLine()
      else if (byte === CR) isReturned = true
      else {
        if (isReturned) redraw(now)
        if (size === MAX_LINE_BYTES) putPiece()
        bytes[size++] = byte
        isShown = false
      }
    }
    changedAt = now
  }

  function endLine(): void {
    if (!isShown) put(bytes, size, true)
    size = 0
    isReturned = false
    redrawnSince = undefined
    isShown = false
    settleMs = SETTLE_MS
  }

  function redraw(now: number): void {
    redrawnSince ??= now
    if (size > 0 && !isShown && now - redrawnSince >= REDRAWN_KEEP_MS) {
      put(bytes, size, true)
      redrawnSince = now
    }
    size = 0
    isReturned = false
    isShown = false
  }

  function settle(now: number): void {
    if (size === 0 || isShown) return
    if (isReturned || redrawnSince !== undefined) {
      if (now - changedAt < REDRAWN_MS) return
      put(bytes, size, true)
      isShown = true
      redrawnSince = now
    } else if (now - changedAt >= settleMs) {
      settleMs = Math.min(settleMs * 2, MAX_SETTLE_MS)
      putPiece()
    }
  }

  function putPiece(): void {
    put(bytes, size, false)
    size = 0
  }

  function finish(): void {
    if (size > 0 && !isShown) putPiece()
  }

  return { add, settle, finish }
}
