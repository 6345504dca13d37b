import type { LogLine, LogPage, LogQuery } from '@plotline/api'
import { createReadStream } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { ENTRY_BYTES, LINES_PER_ENTRY, STREAM_LETTER, type LogStream } from './log-writer.ts'

const CHUNK_BYTES = 256 * 1024
/** Most of the log that one page holds or one search reads; the page says from where to go on. */
const MAX_PAGE_BYTES = 8 * 2 ** 20
const MAX_SCAN_BYTES = 64 * 2 ** 20
const DEFAULT_LIMIT = 1000
/** Lines that a search from the end takes at a time. */
const MAX_STEP_LINES = 65_536
const LF = 0x0a

/** A place between two lines. */
interface Place {
  readonly offset: number
  /** Lines before it. */
  readonly line: number
}

const START: Place = { offset: 0, line: 0 }

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
    const end = await lastPlace(file, indexPath)
    const { lines, next } = await readQuery(file, indexPath, query, end)
    return { lines, total: end.line, next, complete: isOver && next >= end.line }
  } finally {
    await file.close()
  }
}

interface Found {
  readonly lines: LogLine[]
  readonly next: number
}

async function readQuery(
  file: FileHandle,
  indexPath: string,
  { after = 0, limit = DEFAULT_LIMIT, tail, q }: LogQuery,
  end: Place,
): Promise<Found> {
  const matches = q === undefined ? undefined : Buffer.from(q)
  if (tail !== undefined) return readTail(file, indexPath, tail, matches, end)
  const start = await placeAfter(file, indexPath, after)
  const { lines, place } = await readLines(file, start, end, limit, matches)
  return { lines, next: Math.max(place.line, Math.min(after, end.line)) }
}

/** The last lines (that match): pieces from the end of the log backwards, each twice as long as the one before. */
async function readTail(
  file: FileHandle,
  indexPath: string,
  count: number,
  matches: Buffer | undefined,
  end: Place,
): Promise<Found> {
  let lines: LogLine[] = []
  let until = end
  const maxBytes = matches ? MAX_SCAN_BYTES : MAX_PAGE_BYTES
  for (let step = count; lines.length < count && until.line > 0; step *= 2) {
    const wanted = until.line - Math.min(step, MAX_STEP_LINES)
    const from = await placeAfter(file, indexPath, Math.max(0, wanted))
    const start = await notBefore(file, from, until, end.offset - maxBytes)
    const piece = await readLines(file, start, until, Infinity, matches)
    lines = [...piece.lines, ...lines].slice(-count)
    if (start !== from) break
    until = from
  }
  return { lines, next: end.line }
}

/** `from`, or the first place behind it that is not before `offset`. */
async function notBefore(
  file: FileHandle,
  from: Place,
  until: Place,
  offset: number,
): Promise<Place> {
  if (from.offset >= offset) return from
  for await (const place of lineEnds(file, from)) if (place.offset >= offset) return place
  return until
}

/** Reads a log as it grows: each call gives the lines that were completed since the one before. */
export interface LogCursor {
  next(): Promise<readonly LogLine[]>
}

export function followLines(linesPath: string, indexPath: string, after: number): LogCursor {
  let place: Place | undefined
  let seenBytes = 0
  return {
    async next() {
      const sizeBytes = (await stat(linesPath).catch(() => undefined))?.size ?? 0
      if (sizeBytes === seenBytes) return []
      const file = await open(linesPath)
      try {
        place ??= await placeAfter(file, indexPath, after)
        const end = { offset: sizeBytes, line: Infinity }
        const found = await readLines(file, place, end, DEFAULT_LIMIT, undefined)
        place = found.place
        // A begun last line stays ahead of the place: it is read again when the file has grown.
        if (found.lines.length === 0) seenBytes = sizeBytes
        return found.lines
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

/** A line that goes on in the next one has no end of its own. */
function bareLines(data: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let start = 0; start < data.length;) {
    const end = data.indexOf(LF, start) + 1
    const from = textStart(data, start, end)
    parts.push(data.subarray(from, isCapital(data[from - 2]) ? end - 1 : end))
    start = end
  }
  return Buffer.concat(parts)
}

const isCapital = (byte: number | undefined): boolean => byte !== undefined && (byte & 0x20) === 0

async function lastPlace(file: FileHandle, indexPath: string): Promise<Place> {
  let last = await lastIndexed(file, indexPath, Infinity)
  for await (const place of lineEnds(file, last)) last = place
  return last
}

/** The index leads to at most 256 lines before it; the rest is counted. The last place where there are fewer lines. */
async function placeAfter(file: FileHandle, indexPath: string, after: number): Promise<Place> {
  let last = await lastIndexed(file, indexPath, after)
  if (last.line === after) return last
  for await (const place of lineEnds(file, last)) {
    last = place
    if (place.line === after) break
  }
  return last
}

async function lastIndexed(file: FileHandle, indexPath: string, line: number): Promise<Place> {
  const index = await open(indexPath).catch(() => undefined)
  if (index === undefined) return START
  try {
    const { size } = await index.stat()
    const wanted = Math.min(Math.floor(size / ENTRY_BYTES), Math.floor(line / LINES_PER_ENTRY))
    for (let entries = wanted; entries > 0; entries = Math.floor(entries / 2)) {
      const entry = Buffer.alloc(ENTRY_BYTES)
      await index.read(entry, 0, ENTRY_BYTES, (entries - 1) * ENTRY_BYTES)
      const place = { offset: Number(entry.readBigUInt64LE()), line: entries * LINES_PER_ENTRY }
      if (await isLineEnd(file, place.offset)) return place
    }
    return START
  } finally {
    await index.close()
  }
}

/** After a power cut the index may name what the log has lost. */
async function isLineEnd(file: FileHandle, offset: number): Promise<boolean> {
  if (offset < 1) return false
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, offset - 1)
  return bytesRead === 1 && buffer[0] === LF
}

/** Every place between two lines behind `start`. */
async function* lineEnds(file: FileHandle, start: Place): AsyncIterable<Place> {
  let { line } = start
  for await (const { data, offset } of chunks(file, start.offset))
    for (let i = data.indexOf(LF); i >= 0; i = data.indexOf(LF, i + 1))
      yield { offset: offset + i + 1, line: ++line }
}

/** Up to `limit` complete lines (that hold `matches`) from `start` to `end`, and where the next ones are. */
async function readLines(
  file: FileHandle,
  start: Place,
  end: Place,
  limit: number,
  matches: Buffer | undefined,
): Promise<{ readonly lines: LogLine[]; readonly place: Place }> {
  const lines: LogLine[] = []
  let { line, offset } = start
  let foundBytes = 0
  let rest = Buffer.alloc(0)
  const isFull = (): boolean =>
    lines.length >= limit ||
    line >= end.line ||
    (limit !== Infinity && foundBytes >= MAX_PAGE_BYTES) ||
    offset - start.offset >= MAX_SCAN_BYTES
  for await (const { data } of chunks(file, start.offset)) {
    const text = rest.length === 0 ? data : Buffer.concat([rest, data])
    let from = 0
    let hit = matches ? text.indexOf(matches) : 0
    for (let i = text.indexOf(LF); i >= 0 && !isFull(); i = text.indexOf(LF, from)) {
      line += 1
      if (matches && hit >= 0 && hit < from) hit = text.indexOf(matches, from)
      if (matches === undefined || (hit >= 0 && hit < i && holds(text, matches, from, i))) {
        lines.push(readLine(text, from, i, line))
        foundBytes += i - from
      }
      offset += i + 1 - from
      from = i + 1
    }
    if (isFull() || offset >= end.offset) break
    rest = Buffer.from(text.subarray(from))
  }
  return { lines, place: { line, offset } }
}

function holds(data: Buffer, matches: Buffer, start: number, end: number): boolean {
  return data.subarray(textStart(data, start, end), end).includes(matches)
}

function readLine(data: Buffer, start: number, end: number, n: number): LogLine {
  const at = textStart(data, start, end)
  const [time = '', letter = ''] = data.toString('latin1', start, at).split(' ')
  return {
    n,
    t: Number(time),
    stream: STREAM_OF[letter.toLowerCase()] ?? 'stdout',
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
