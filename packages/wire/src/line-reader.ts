import {
  asciiBytes,
  AT,
  beginsWith,
  COLON,
  COMMA,
  CR,
  findByte,
  HASH,
  LF,
  LOWER_C,
  LOWER_G,
  PIPE,
  sameBytes,
  sameInViews,
  UPPER_T,
  ZERO,
} from './ascii.ts'
import { HASH_SEED, nextHash } from './byte-table.ts'
import {
  ENTITY_TAG,
  JOB_TAG,
  MAX_DATAGRAM_BYTES,
  MAX_VALUES,
  TELEMETRY_PREFIX,
  type LineType,
  type Refusal,
} from './line.ts'
import { MAX_NAME_BYTES } from './metric-name.ts'
import { NumberReader } from './number-reader.ts'
import { RecentNames } from './recent-names.ts'

/** What {@link LineReader.next} found: a sample or several packed into one line, a line to refuse, or the end. */
export type Outcome = 'sample' | 'end' | Refusal

/** A tail longer than this is read anew each time. */
const MAX_KEPT_TAIL = 512
const MAX_TIME_DIGITS = 12

const EVENT = asciiBytes('_e{')
const SERVICE_CHECK = asciiBytes('_sc|')
const TELEMETRY = asciiBytes(TELEMETRY_PREFIX)
const PACKETS_DROPPED = asciiBytes(`${TELEMETRY_PREFIX}packets_dropped:`)
const JOB_KEYS = [asciiBytes(`${JOB_TAG}:`), asciiBytes(`${ENTITY_TAG}:`)]

const IS_NAME_BYTE = new Uint8Array(256)
for (const byte of asciiBytes('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-'))
  IS_NAME_BYTE[byte] = 1

/**
 * Reads the lines of a datagram one by one: what it finds are offsets into its copy of the bytes and numbers in fields that the
 * next line overwrites. No text, no array, no exception per line; bytes of any kind are read to their end.
 *
 * Lines of one client end alike (`|c|#container_name:...`), so what was read of the fields after the type is kept with its
 * bytes and used again while they repeat.
 */
export class LineReader {
  /** What was loaded: all offsets are of these. The same array for ever, so that it has a view for comparing by words. */
  readonly bytes = new Uint8Array(MAX_DATAGRAM_BYTES)
  /** The line, without its line break. */
  lineStart = 0
  lineEnd = 0
  nameStart = 0
  nameEnd = 0
  type: LineType = 'c'
  /** The first `valueCount` are the samples; a counter's are divided by its rate. */
  readonly values = new Float64Array(MAX_VALUES)
  valueCount = 0
  /** Unix seconds that the line names, 0 where it names none. */
  time = 0
  /** The job that its tags name; equal where they name none. Set for refused lines too, as far as it can be told. */
  jobStart = 0
  jobEnd = 0
  /** The same as for the line before while the fields after the type are the same, so the job is too. */
  tailId = 0
  /** Datagrams that a client says it lost, where the line is its telemetry of that. */
  packetsDropped = 0

  readonly #names = new RecentNames()
  readonly #numbers = new NumberReader()
  readonly #view = new DataView(this.bytes.buffer)
  readonly #tail = new Uint8Array(MAX_KEPT_TAIL)
  readonly #tailView = new DataView(this.#tail.buffer)
  /** 0 where the line before ended with its type, -1 where what it ended with was not kept. */
  #tailLength = -1
  #tailJobStart = 0
  #tailJobEnd = 0
  #tailTime = 0
  #tailRate = 1
  #rate = 1
  #at = 0
  #end = 0

  /** Of the name's bytes, for a {@link ByteTable}. */
  get nameHash(): number {
    return this.#names.hash
  }

  /** Of the last RECENT_NAMES names one of this place and serial is the same. */
  get namePlace(): number {
    return this.#names.place
  }

  get nameSerial(): number {
    return this.#names.serial
  }

  /** Begins with a copy of `bytes`, at most MAX_DATAGRAM_BYTES of them. */
  load(bytes: Uint8Array): void {
    const isWhole = bytes.length <= MAX_DATAGRAM_BYTES
    this.bytes.set(isWhole ? bytes : bytes.subarray(0, MAX_DATAGRAM_BYTES))
    this.#at = 0
    this.#end = isWhole ? bytes.length : MAX_DATAGRAM_BYTES
  }

  /** Hot path (bench/read-lines.mjs). */
  next(): Outcome {
    const bytes = this.bytes
    const end = this.#end
    let at = this.#at
    while (at < end && (bytes[at] === LF || (bytes[at] === CR && this.#isLineEnd(at)))) at++
    if (at >= end) {
      this.#at = at
      return 'end'
    }

    const start = at
    const expected = this.#names.expect(this.#view, at, end)
    if (expected > 0) at += expected
    else {
      at = this.#readName(start)
      if (at < 0) return this.#judge(start)
    }
    this.lineStart = start
    this.nameStart = start
    this.nameEnd = at

    at = this.#readValues(at + 1)
    if (at < 0) return this.#judge(start)
    const type = ++at < end ? bytes[at] : 0
    if (type === LOWER_C) this.type = 'c'
    else if (type === LOWER_G) this.type = 'g'
    else return this.#judge(start)
    at++
    if (at < end && bytes[at] === PIPE)
      return this.#isKeptTail(at) ? this.#endWithKeptTail(at) : this.#readTail(at)
    if (at >= end || bytes[at] === LF || this.#isLineEnd(at)) return this.#endWithoutTail(at)
    return this.#judge(start)
  }

  /** Whether a CR stands at `at` that belongs to the line break or to the end. */
  #isLineEnd(at: number): boolean {
    return this.bytes[at] === CR && (at + 1 >= this.#end || this.bytes[at + 1] === LF)
  }

  /** The `:` behind the name at `start`; -1 where there is none. */
  #readName(start: number): number {
    const bytes = this.bytes
    const end = this.#end
    let hash = HASH_SEED
    let at = start
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0
      if (IS_NAME_BYTE[byte] === 0) break
      hash = nextHash(hash, byte)
    }
    const length = at - start
    if (at >= end || bytes[at] !== COLON || length === 0 || length > MAX_NAME_BYTES) return -1
    this.#names.put(this.#view, start, at, hash)
    return at
  }

  /** The `|` behind the values that begin at `start`; -1 where they are none or at fault. */
  #readValues(start: number): number {
    const bytes = this.bytes
    const end = this.#end
    const numbers = this.#numbers
    let at = start
    let count = 0
    while (at < end) {
      const byte = bytes[at]
      if (byte === PIPE) break
      if (byte === COLON) {
        at++
        continue
      }
      const value = numbers.read(bytes, at, end)
      at = numbers.end
      if (Number.isNaN(value) || at >= end || (bytes[at] !== PIPE && bytes[at] !== COLON)) return -1
      this.values[count++] = value
    }
    this.valueCount = count
    return count === 0 || at >= end ? -1 : at
  }

  #endWithoutTail(at: number): Outcome {
    this.lineEnd = at
    this.#at = at
    this.time = 0
    this.jobStart = 0
    this.jobEnd = 0
    if (this.#tailLength !== 0) {
      this.#forgetTail()
      this.#tailLength = 0
    }
    return 'sample'
  }

  #forgetTail(): void {
    this.#tailLength = -1
    this.tailId++
  }

  /** Whether the rest of the line is what the line before ended with. */
  #isKeptTail(at: number): boolean {
    const length = this.#tailLength
    const behind = at + length
    if (length <= 0 || behind > this.#end) return false
    if (behind < this.#end && this.bytes[behind] !== LF) return false
    return sameInViews(this.#view, at, this.#tailView, 0, length)
  }

  #endWithKeptTail(at: number): Outcome {
    this.lineEnd = at + this.#tailLength
    this.#at = this.lineEnd
    this.time = this.#tailTime
    this.jobStart = at + this.#tailJobStart
    this.jobEnd = at + this.#tailJobEnd
    return this.#tailRate === 1 ? 'sample' : this.#scale(this.#tailRate)
  }

  /** Reads the fields after the type; the first stands behind the `|` at `start`. */
  #readTail(start: number): Outcome {
    const end = this.#endLine(start)
    this.#forgetTail()
    const fault = this.#readFields(start, end)
    if (fault === 'rate' || fault === 'time') {
      this.#findJob(start, end)
      return fault
    }
    if (fault === 'job') this.jobEnd = this.jobStart
    if (this.#rate !== 1 && this.#scale(this.#rate) !== 'sample') return 'value'
    if (fault === 'job') return fault
    this.#keepTail(start, end)
    return 'sample'
  }

  /** Sets the line's end and where the next one begins. */
  #endLine(from: number): number {
    const bytes = this.bytes
    const found = findByte(bytes, LF, from, this.#end)
    const lineBreak = found < 0 ? this.#end : found
    this.#at = lineBreak
    this.lineEnd = lineBreak > from && bytes[lineBreak - 1] === CR ? lineBreak - 1 : lineBreak
    return this.lineEnd
  }

  #readFields(start: number, end: number): 'rate' | 'time' | 'job' | undefined {
    this.#rate = 1
    this.time = 0
    this.jobStart = 0
    this.jobEnd = 0
    let isJobClear = true
    for (let at = start; at < end;) {
      const from = at + 1
      const found = findByte(this.bytes, PIPE, from, end)
      const to = found < 0 ? end : found
      const kind = from < to ? this.bytes[from] : 0
      if (kind === AT && !this.#readRate(from + 1, to)) return 'rate'
      if (kind === UPPER_T && !this.#readTime(from + 1, to)) return 'time'
      if (kind === HASH) isJobClear = this.#readTags(from + 1, to)
      at = to
    }
    return isJobClear ? undefined : 'job'
  }

  #readRate(start: number, end: number): boolean {
    const rate = this.#numbers.read(this.bytes, start, end)
    if (this.#numbers.end !== end || !(rate > 0 && rate <= 1)) return false
    this.#rate = rate
    return true
  }

  #readTime(start: number, end: number): boolean {
    const digits = end - start
    if (digits < 1 || digits > MAX_TIME_DIGITS) return false
    let time = 0
    for (let at = start; at < end; at++) {
      const digit = (this.bytes[at] ?? 0) - ZERO
      if (digit < 0 || digit > 9) return false
      time = time * 10 + digit
    }
    this.time = time
    return time > 0
  }

  /** Finds the tags that name a job; false where two of them name different ones. */
  #readTags(start: number, end: number): boolean {
    const bytes = this.bytes
    this.jobStart = 0
    this.jobEnd = 0
    for (let at = start; at <= end;) {
      const comma = findByte(bytes, COMMA, at, end)
      const to = comma < 0 ? end : comma
      const from = this.#jobTagValue(at, to)
      if (from < to) {
        const isFirst = this.jobStart === this.jobEnd
        if (!isFirst && !this.#isSameJob(from, to)) return false
        this.jobStart = from
        this.jobEnd = to
      }
      at = to + 1
    }
    return true
  }

  #isSameJob(start: number, end: number): boolean {
    const length = end - start
    if (length !== this.jobEnd - this.jobStart) return false
    return sameBytes(this.bytes, this.jobStart, this.bytes, start, length)
  }

  /** Where the value of the tag [start, end) begins if the tag names a job, else `end`. */
  #jobTagValue(start: number, end: number): number {
    for (const key of JOB_KEYS)
      if (beginsWith(this.bytes, start, end, key)) return start + key.length
    return end
  }

  /** Scales the values of a counter; `value` where one of them grows beyond what a double holds. */
  #scale(rate: number): 'sample' | 'value' {
    if (this.type === 'g') return 'sample'
    for (let i = 0; i < this.valueCount; i++) {
      const value = (this.values[i] ?? 0) / rate
      if (!Number.isFinite(value)) return 'value'
      this.values[i] = value
    }
    return 'sample'
  }

  #keepTail(start: number, end: number): void {
    if (end - start > MAX_KEPT_TAIL) return
    this.#tail.set(this.bytes.subarray(start, end))
    this.#tailLength = end - start
    const hasJob = this.jobEnd > this.jobStart
    this.#tailJobStart = hasJob ? this.jobStart - start : 0
    this.#tailJobEnd = hasJob ? this.jobEnd - start : 0
    this.#tailTime = this.time
    this.#tailRate = this.#rate
  }

  /** Finds why the line at `start` is refused. It is at fault before its fields. */
  #judge(start: number): Outcome {
    const bytes = this.bytes
    this.lineStart = start
    const end = this.#endLine(start)
    this.#forgetTail()
    this.jobStart = 0
    this.jobEnd = 0
    this.packetsDropped = 0
    if (beginsWith(bytes, start, end, EVENT)) return this.#refuse(start, end, 'event')
    if (beginsWith(bytes, start, end, SERVICE_CHECK))
      return this.#refuse(start, end, 'service_check')
    const colon = findByte(bytes, COLON, start, end)
    const pipe = colon < 0 ? -1 : findByte(bytes, PIPE, colon + 1, end)
    if (pipe < 0) return this.#refuse(start, end, 'format')
    const nextPipe = findByte(bytes, PIPE, pipe + 1, end)
    const typeEnd = nextPipe < 0 ? end : nextPipe
    if (typeEnd === pipe + 1) return this.#refuse(pipe, end, 'format')
    if (beginsWith(bytes, start, end, TELEMETRY)) {
      this.packetsDropped = this.#readPacketsDropped(start, end)
      return this.#refuse(pipe, end, 'telemetry')
    }
    if (!this.#isName(start, colon)) return this.#refuse(pipe, end, 'name')
    const type = typeEnd === pipe + 2 ? bytes[pipe + 1] : 0
    if (type !== LOWER_C && type !== LOWER_G) return this.#refuse(pipe, end, 'type')
    return this.#refuse(pipe, end, 'value')
  }

  /** Finds whose line it is, so that the refusal is shown to the right person. */
  #refuse(from: number, end: number, refusal: Refusal): Refusal {
    this.#findJob(from, end)
    return refusal
  }

  #findJob(from: number, end: number): void {
    let isJobClear = true
    this.jobStart = 0
    this.jobEnd = 0
    let at = findByte(this.bytes, PIPE, from, end)
    while (at >= 0) {
      const next = findByte(this.bytes, PIPE, at + 1, end)
      if (this.bytes[at + 1] === HASH && at + 1 < end)
        isJobClear = this.#readTags(at + 2, next < 0 ? end : next)
      at = next
    }
    if (!isJobClear) this.jobEnd = this.jobStart
  }

  #isName(start: number, end: number): boolean {
    if (end === start || end - start > MAX_NAME_BYTES) return false
    for (let at = start; at < end; at++) if (IS_NAME_BYTE[this.bytes[at] ?? 0] === 0) return false
    return true
  }

  #readPacketsDropped(start: number, end: number): number {
    if (!beginsWith(this.bytes, start, end, PACKETS_DROPPED)) return 0
    const value = this.#numbers.read(this.bytes, start + PACKETS_DROPPED.length, end)
    return value > 0 && this.bytes[this.#numbers.end] === PIPE ? value : 0
  }
}
