import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { newLogLine, type LogLineState } from './log-line.ts'

export type LogStream = 'stdout' | 'stderr' | 'plotline'
export const STREAM_LETTER: Readonly<Record<LogStream, string>> = {
  stdout: 'o',
  stderr: 'e',
  plotline: 'p',
}

/** Every so many lines the index has an entry: where the next line begins. */
export const LINES_PER_ENTRY = 256
export const ENTRY_BYTES = 8
export const MAX_LOG_BYTES = 2 ** 30

const BATCH_BYTES = 512 * 1024
/** Time and stream before a line's bytes, and the line feed behind them. */
const MAX_FRAME_BYTES = 32
const LF = 0x0a

export interface LogWriter {
  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): void
  /** A line of our own among the job's. */
  note(text: string): void
  /** Writes what is held back, and begun lines that nothing was added to for a while. Called many times a second. */
  flush(): void
  close(): void
}

export interface LogWriterNeeds {
  readonly linesPath: string
  readonly indexPath: string
  readonly clock: () => number
  readonly maxBytes?: number
}

/**
 * Writes a job's output as lines with their time and stream; docs/format/job-folder.md has the format. Lines first, index second:
 * what the index names is there. A disk that takes no more costs lines, which are counted, and never the job.
 */
export function openLogWriter({
  linesPath,
  indexPath,
  clock,
  maxBytes = MAX_LOG_BYTES,
}: LogWriterNeeds): LogWriter {
  const linesFile = openSync(linesPath, 'a', 0o600)
  const indexFile = openSync(indexPath, 'a', 0o600)
  const batch = newBatch()
  const written = { lines: 0, bytes: 0, indexBytes: 0 }
  const unindexed: number[] = []
  const dropped = { overLimit: 0, onFullDisk: 0 }
  let isFull = false
  const open: Readonly<Record<'stdout' | 'stderr', LogLineState>> = {
    stdout: newLogLine((bytes, size, isEnded) => put('stdout', bytes, size, isEnded)),
    stderr: newLogLine((bytes, size, isEnded) => put('stderr', bytes, size, isEnded)),
  }

  return {
    write: (stream, chunk) => open[stream].add(chunk, clock()),
    note,
    flush() {
      const now = clock()
      open.stdout.settle(now)
      open.stderr.settle(now)
      writeBatch()
    },
    close() {
      open.stdout.finish()
      open.stderr.finish()
      if (dropped.overLimit > 0) note(`${dropped.overLimit} bytes of output were dropped.`)
      writeBatch()
      writeBatch() // what the first one had to say of a disk that was full
      closeSync(linesFile)
      closeSync(indexFile)
    },
  }

  function note(text: string): void {
    const bytes = Buffer.from(text)
    frame('plotline', bytes, bytes.length, true)
  }

  function put(stream: LogStream, bytes: Uint8Array, size: number, isEnded: boolean): void {
    if (!isFull && written.bytes + batch.size + size + MAX_FRAME_BYTES > maxBytes) {
      isFull = true
      note(`The log has reached its limit of ${maxBytes} bytes: what follows is dropped.`)
    }
    if (isFull) dropped.overLimit += size + (isEnded ? 1 : 0)
    else frame(stream, bytes, size, isEnded)
  }

  function frame(stream: LogStream, bytes: Uint8Array, size: number, isEnded: boolean): void {
    if (batch.size + size + MAX_FRAME_BYTES > BATCH_BYTES) writeBatch()
    batch.add(clock(), letterOf(stream, isEnded), bytes, size)
    if ((written.lines + batch.lines) % LINES_PER_ENTRY === 0)
      batch.entries.push(written.bytes + batch.size)
  }

  function writeBatch(): void {
    if (batch.size === 0) return
    if (appendWhole(linesFile, batch.filled(), written.bytes)) {
      written.lines += batch.lines
      written.bytes += batch.size
      unindexed.push(...batch.entries)
      batch.clear()
      writeEntries()
      tellOfFullDisk()
    } else {
      dropped.onFullDisk += batch.size
      batch.clear()
    }
  }

  /** What could not be written waits for the next time: no entry may be missing before a later one. */
  function writeEntries(): void {
    if (unindexed.length === 0) return
    if (!appendWhole(indexFile, encodeEntries(unindexed), written.indexBytes)) return
    written.indexBytes += unindexed.length * ENTRY_BYTES
    unindexed.length = 0
  }

  function tellOfFullDisk(): void {
    if (dropped.onFullDisk === 0) return
    const bytes = dropped.onFullDisk
    dropped.onFullDisk = 0
    note(`About ${bytes} bytes of output before this line are lost: the disk took no more.`)
  }
}

/** A capital: the line goes on in the next one of its stream. */
const letterOf = (stream: LogStream, isEnded: boolean): string =>
  isEnded ? STREAM_LETTER[stream] : STREAM_LETTER[stream].toUpperCase()

interface Batch {
  readonly size: number
  readonly lines: number
  /** Offsets for the index that become true with this batch. */
  readonly entries: number[]
  add(t: number, letter: string, bytes: Uint8Array, size: number): void
  filled(): Buffer
  clear(): void
}

/** Lines on their way to the file, in one buffer: a flood of short lines makes no object each. */
function newBatch(): Batch {
  const buffer = Buffer.allocUnsafe(BATCH_BYTES)
  let size = 0
  let lines = 0
  const entries: number[] = []
  return {
    get size() {
      return size
    },
    get lines() {
      return lines
    },
    entries,
    add(t, letter, bytes, length) {
      size += buffer.write(`${t} ${letter} `, size, 'latin1')
      // A loop is quicker than a call for the short lines that make a flood.
      if (length < 64) for (let i = 0; i < length; i++) buffer[size + i] = bytes[i] ?? 0
      else buffer.set(bytes.subarray(0, length), size)
      size += length
      buffer[size++] = LF
      lines += 1
    },
    filled: () => buffer.subarray(0, size),
    clear() {
      size = 0
      lines = 0
      entries.length = 0
    },
  }
}

function encodeEntries(entries: readonly number[]): Buffer {
  const data = Buffer.alloc(entries.length * ENTRY_BYTES)
  for (const [i, offset] of entries.entries())
    data.writeBigUInt64LE(BigInt(offset), i * ENTRY_BYTES)
  return data
}

/** All of it or nothing, since half of it would be joined with what comes next. The kernel may take less than all at once. */
function appendWhole(file: number, data: Buffer, sizeBefore: number): boolean {
  let done = 0
  try {
    while (done < data.length) done += writeSync(file, data, done)
    return true
  } catch {
    if (done > 0) ftruncateSync(file, sizeBefore)
    return false
  }
}
