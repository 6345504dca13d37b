import { closeSync, openSync, writeSync } from 'node:fs'

export type LogStream = 'stdout' | 'stderr' | 'plotline'
export const STREAM_LETTER: Readonly<Record<LogStream, string>> = {
  stdout: 'o',
  stderr: 'e',
  plotline: 'p',
}

/** Every so many lines the index has an entry: where the next line begins. */
export const LINES_PER_ENTRY = 256
export const ENTRY_BYTES = 8
export const MAX_LINE_BYTES = 64 * 1024
export const MAX_LOG_BYTES = 2 ** 30
/** A progress bar redrawn by "\r" gets at most one line in this time. */
const REDRAW_MS = 1000

const LF = 0x0a
const CR = 0x0d

export interface LogWriter {
  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): void
  /** A line of our own among the job's. */
  note(text: string): void
  /** Writes what is held back. */
  flush(): void
  close(): void
}

interface LogWriterNeeds {
  readonly linesPath: string
  readonly indexPath: string
  readonly clock: () => number
  readonly maxBytes?: number
}

/**
 * Writes a job's output as lines with their time and stream; docs/format/job-folder.md has the format. A line is written when it
 * is complete. Lines first, index second: what the index names is there.
 */
export function openLogWriter({
  linesPath,
  indexPath,
  clock,
  maxBytes = MAX_LOG_BYTES,
}: LogWriterNeeds): LogWriter {
  const linesFile = openSync(linesPath, 'a', 0o600)
  const indexFile = openSync(indexPath, 'a', 0o600)
  const splitters = { stdout: newSplitter(), stderr: newSplitter() }
  let held: Buffer[] = []
  let heldIndex: number[] = []
  let lines = 0
  let bytes = 0
  let droppedBytes = 0

  function put(stream: LogStream, text: Uint8Array): void {
    const head = Buffer.from(`${clock()} ${STREAM_LETTER[stream]} `, 'latin1')
    const size = head.length + text.length + 1
    if (bytes + size > maxBytes && stream !== 'plotline') {
      droppedBytes += text.length
      return
    }
    held.push(head, Buffer.from(text), NEWLINE)
    bytes += size
    lines += 1
    if (lines % LINES_PER_ENTRY === 0) heldIndex.push(bytes)
  }

  function flush(): void {
    if (held.length === 0) return
    writeAll(linesFile, Buffer.concat(held))
    held = []
    if (heldIndex.length === 0) return
    const entries = Buffer.alloc(heldIndex.length * ENTRY_BYTES)
    for (const [i, offset] of heldIndex.entries())
      entries.writeBigUInt64LE(BigInt(offset), i * ENTRY_BYTES)
    writeAll(indexFile, entries)
    heldIndex = []
  }

  return {
    write(stream, chunk) {
      split(splitters[stream], chunk, clock(), (line) => put(stream, line))
    },
    note: (text) => put('plotline', Buffer.from(text)),
    flush,
    close() {
      for (const stream of ['stdout', 'stderr'] as const)
        finish(splitters[stream], (line) => put(stream, line))
      if (droppedBytes > 0)
        put(
          'plotline',
          Buffer.from(
            `${droppedBytes} bytes of output were dropped: a log is limited to ${maxBytes} bytes.`,
          ),
        )
      flush()
      closeSync(linesFile)
      closeSync(indexFile)
    },
  }
}

const NEWLINE = Buffer.from([LF])

/** The kernel may take less than all at once. */
function writeAll(file: number, data: Buffer): void {
  for (let done = 0; done < data.length;) done += writeSync(file, data, done)
}

/** One stream on its way from chunks to lines. */
interface Splitter {
  /** The begun line. */
  parts: Buffer[]
  size: number
  /** What "\r" has sent back to the start of the line: lost if more text comes over it. */
  redrawn: Buffer | undefined
  lastRedrawAt: number
  /** The last byte was a "\r": whether it ends the line or redraws it, the next byte tells. */
  afterCr: boolean
}

const newSplitter = (): Splitter => ({
  parts: [],
  size: 0,
  redrawn: undefined,
  lastRedrawAt: 0,
  afterCr: false,
})

function split(
  splitter: Splitter,
  chunk: Uint8Array,
  now: number,
  put: (line: Uint8Array) => void,
): void {
  let start = 0
  for (let i = 0; i < chunk.length; i++) {
    const byte = chunk[i]
    if (splitter.afterCr && byte !== LF) redraw(splitter, now, put)
    splitter.afterCr = byte === CR
    if (byte !== LF && byte !== CR && splitter.size + i - start < MAX_LINE_BYTES) continue
    take(splitter, chunk, start, i)
    start = byte === LF || byte === CR ? i + 1 : i
    if (byte !== CR) endLine(splitter, put)
  }
  take(splitter, chunk, start, chunk.length)
}

function take(splitter: Splitter, chunk: Uint8Array, start: number, end: number): void {
  if (end === start) return
  splitter.parts.push(Buffer.from(chunk.subarray(start, end)))
  splitter.size += end - start
}

/** A "\r" that no "\n" followed: the line begins anew. */
function redraw(splitter: Splitter, now: number, put: (line: Uint8Array) => void): void {
  const text = takeAll(splitter)
  if (text.length === 0) return
  if (now - splitter.lastRedrawAt < REDRAW_MS) {
    splitter.redrawn = text
    return
  }
  splitter.lastRedrawAt = now
  splitter.redrawn = undefined
  put(text)
}

function endLine(splitter: Splitter, put: (line: Uint8Array) => void): void {
  const text = takeAll(splitter)
  const line = text.length === 0 && splitter.redrawn ? splitter.redrawn : text
  splitter.redrawn = undefined
  put(line)
}

function takeAll(splitter: Splitter): Buffer {
  const text = Buffer.concat(splitter.parts)
  splitter.parts = []
  splitter.size = 0
  return text
}

function finish(splitter: Splitter, put: (line: Uint8Array) => void): void {
  if (splitter.size > 0 || splitter.redrawn) endLine(splitter, put)
}
