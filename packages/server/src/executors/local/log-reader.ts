import type { LogLine, LogPage, LogQuery } from '@plotline/api'
import { createReadStream, type Stats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { ENTRY_BYTES, LINES_PER_ENTRY, STREAM_LETTER, type LogStream } from './log-writer.ts'

const CHUNK_BYTES = 256 * 1024
/** Most of the log that one search reads; its page says from where to go on. */
const MAX_SCAN_BYTES = 64 * 2 ** 20
const DEFAULT_LIMIT = 1000
const LF = 0x0a

/** A place between two lines. */
interface Place {
  readonly offset: number
  /** Lines before it. */
  readonly line: number
}

/** A page of a log that may be being written; `isOver`: nothing more will be. */
export async function readLogPage(
  linesPath: string,
  indexPath: string,
  query: LogQuery,
  isOver: boolean,
): Promise<LogPage> {
  const file = await open(linesPath).catch(() => undefined)
  if (file === undefined) return { lines: [], total: 0, next: 0, complete: isOver }
  try {
    const total = await countLines(file, indexPath)
    const limit = query.tail ?? query.limit ?? DEFAULT_LIMIT
    const after = query.tail === undefined ? (query.after ?? 0) : Math.max(0, total - query.tail)
    const start = await placeAfter(file, indexPath, after)
    const { lines, end } = await readLines(file, start, limit, query.q)
    return { lines, total, next: end.line, complete: isOver && end.line >= total }
  } finally {
    await file.close()
  }
}

/** Reads a log as it grows: each call gives the lines that were completed since the one before. */
export interface LogCursor {
  next(): Promise<readonly LogLine[]>
}

export function followLines(linesPath: string, indexPath: string, after: number): LogCursor {
  let place: Place | undefined
  return {
    async next() {
      const file = await open(linesPath).catch(() => undefined)
      if (file === undefined) return []
      try {
        place ??= await placeAfter(file, indexPath, after)
        const { lines, end } = await readLines(file, place, DEFAULT_LIMIT, undefined)
        place = end
        return lines
      } finally {
        await file.close()
      }
    },
  }
}

/** What the job wrote, both streams together, without times. */
export async function* logText(linesPath: string): AsyncIterable<Uint8Array> {
  let rest = Buffer.alloc(0)
  const stream = createReadStream(linesPath, { highWaterMark: CHUNK_BYTES })
  try {
    for await (const chunk of stream) {
      const data = Buffer.isBuffer(chunk) ? Buffer.concat([rest, chunk]) : rest
      const end = data.lastIndexOf(LF) + 1
      rest = data.subarray(end)
      yield bareLines(data.subarray(0, end))
    }
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

function bareLines(data: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let start = 0; start < data.length;) {
    const end = data.indexOf(LF, start) + 1
    parts.push(data.subarray(textStart(data, start, end), end))
    start = end
  }
  return Buffer.concat(parts)
}

async function countLines(file: FileHandle, indexPath: string): Promise<number> {
  const place = await lastIndexed(indexPath, Infinity)
  let { line } = place
  for await (const { data } of chunks(file, place.offset))
    for (const byte of data) if (byte === LF) line += 1
  return line
}

/** The index leads to at most 256 lines before it (more where the writer died before its index); the rest is counted. */
async function placeAfter(file: FileHandle, indexPath: string, after: number): Promise<Place> {
  const near = await lastIndexed(indexPath, after)
  if (near.line === after) return near
  let { line, offset: lineEnd } = near
  for await (const { data, offset } of chunks(file, near.offset)) {
    for (let i = data.indexOf(LF); i >= 0; i = data.indexOf(LF, i + 1)) {
      line += 1
      lineEnd = offset + i + 1
      if (line === after) return { line, offset: lineEnd }
    }
  }
  return { line, offset: lineEnd }
}

async function lastIndexed(indexPath: string, line: number): Promise<Place> {
  const found: Stats | undefined = await stat(indexPath).catch(() => undefined)
  const entries = Math.min(
    Math.floor((found?.size ?? 0) / ENTRY_BYTES),
    Math.floor(line / LINES_PER_ENTRY),
  )
  if (entries === 0) return { offset: 0, line: 0 }
  const file = await open(indexPath)
  try {
    const entry = Buffer.alloc(ENTRY_BYTES)
    await file.read(entry, 0, ENTRY_BYTES, (entries - 1) * ENTRY_BYTES)
    return { offset: Number(entry.readBigUInt64LE()), line: entries * LINES_PER_ENTRY }
  } finally {
    await file.close()
  }
}

/** Up to `limit` complete lines (that hold `needle`) from a place on, and where the next ones are. */
async function readLines(
  file: FileHandle,
  start: Place,
  limit: number,
  needle: string | undefined,
): Promise<{ lines: LogLine[]; end: Place }> {
  const lines: LogLine[] = []
  let { line, offset: lineStart } = start
  let rest = Buffer.alloc(0)
  for await (const { data } of chunks(file, start.offset)) {
    const text = rest.length === 0 ? data : Buffer.concat([rest, data])
    let from = 0
    for (let i = text.indexOf(LF); i >= 0; i = text.indexOf(LF, from)) {
      line += 1
      lineStart += i + 1 - from
      const read = readLine(text, from, i, line)
      from = i + 1
      if (needle === undefined || read.text.includes(needle)) lines.push(read)
      if (lines.length >= limit) return { lines, end: { line, offset: lineStart } }
    }
    rest = Buffer.from(text.subarray(from))
    if (lineStart - start.offset > MAX_SCAN_BYTES) break
  }
  return { lines, end: { line, offset: lineStart } }
}

function readLine(data: Buffer, start: number, end: number, n: number): LogLine {
  const at = textStart(data, start, end)
  const [time = '', letter = ''] = data.toString('latin1', start, at).split(' ')
  return {
    n,
    t: Number(time),
    stream: STREAM_OF[letter] ?? 'stdout',
    text: data.toString('utf8', at, end),
  }
}

const STREAM_OF: Readonly<Record<string, LogStream>> = {
  [STREAM_LETTER.stdout]: 'stdout',
  [STREAM_LETTER.stderr]: 'stderr',
  [STREAM_LETTER.plotline]: 'plotline',
}

/** Behind `<time> <stream> `. */
function textStart(data: Buffer, start: number, end: number): number {
  const space = data.indexOf(0x20, start)
  return space < 0 || space + 3 > end ? end : space + 3
}

async function* chunks(
  file: FileHandle,
  from: number,
): AsyncIterable<{ data: Buffer; offset: number }> {
  for (let offset = from; ;) {
    const { bytesRead, buffer } = await file.read(
      Buffer.allocUnsafe(CHUNK_BYTES),
      0,
      CHUNK_BYTES,
      offset,
    )
    if (bytesRead === 0) return
    yield { data: buffer.subarray(0, bytesRead), offset }
    offset += bytesRead
  }
}
