import { crc32 } from 'node:zlib'
import type { MetricType } from '@plotline/api'
import type { BucketBatch, SeriesKey } from '../../../metrics/bucket-batch.ts'
import { PointsBuilder, type Point } from '../points.ts'
import { ByteReader, DamagedBytes } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { checked, writeCrc } from './checked-bytes.ts'

const VERSION = 2
const SINGLE = 1
const ESTIMATED = 2
const EXACT_TIME = 4
/** Far more than any clock is off; exact as a zigzag. */
const MAX_OFFSET_MS = 2 ** 50
const TYPES: readonly MetricType[] = ['counter', 'gauge']

/** A payload, unpacked as far as the jobs' sections. */
export interface TickSections {
  /** Seq of the tick that was written before it. */
  readonly previous: number
  /** Still packed. */
  readonly sections: ReadonlyMap<string, Uint8Array>
}

/** The payload of docs/format/hot-db.md; undefined where nothing is left of the batch without the jobs that `isDropped`. */
export function encodeTick(
  batch: BucketBatch,
  previous: number,
  isDropped: (jobId: string) => boolean,
): Uint8Array | undefined {
  const jobs = partsByJob(batch, isDropped)
  if (jobs.size === 0) return undefined
  const sections = new Map<string, Uint8Array>()
  for (const [jobId, part] of jobs) sections.set(jobId, sectionOf(batch, jobId, part))
  return encodeSections(batch.seq, { previous, sections })
}

/** The payload of the tick `seq` of what {@link sectionsOfTick} gave, or a part of it. */
export function encodeSections(seq: number, { previous, sections }: TickSections): Uint8Array {
  const writer = new ByteWriter()
  writer.u8(VERSION)
  writer.f64(previous)
  writer.varint(sections.size)
  for (const [jobId, section] of sections) {
    writer.name(jobId)
    writer.varint(section.length)
  }
  writeCrc(writer, tickSeed(seq))
  for (const section of sections.values()) writer.bytes(section)
  return writer.written()
}

/** Checksums go on from where a section belongs: times are relative to the tick, and any section fits any job. */
export const tickSeed = (seq: number, jobId = ''): number =>
  crc32(jobId, crc32(new Uint8Array(Float64Array.of(seq).buffer)))

interface JobPart {
  readonly runs: SeriesRun[]
  account: string
}
/** Buckets [start, end) of one series. */
interface SeriesRun {
  readonly key: SeriesKey
  readonly start: number
  readonly end: number
}

function partsByJob(
  { series, seriesOf, accounts }: BucketBatch,
  isDropped: (jobId: string) => boolean,
): Map<string, JobPart> {
  const parts = new Map<string, JobPart>()
  const partOf = (jobId: string): JobPart => {
    const part = parts.get(jobId) ?? { runs: [], account: '' }
    parts.set(jobId, part)
    return part
  }
  let start = 0
  while (start < seriesOf.length) {
    const end = endOfRun(seriesOf, start)
    const key = series[seriesOf[start] ?? 0]
    if (key && !isDropped(key.jobId)) partOf(key.jobId).runs.push({ key, start, end })
    start = end
  }
  for (const account of accounts)
    if (!isDropped(account.jobId)) partOf(account.jobId).account = JSON.stringify(account)
  return parts
}

function endOfRun(seriesOf: Uint32Array, start: number): number {
  let end = start + 1
  while (end < seriesOf.length && seriesOf[end] === seriesOf[start]) end++
  return end
}

function sectionOf(batch: BucketBatch, jobId: string, part: JobPart): Uint8Array {
  const writer = new ByteWriter()
  writer.varint(part.runs.length)
  for (const run of part.runs) writeRun(writer, batch, run)
  const account = new TextEncoder().encode(part.account)
  writer.varint(account.length)
  writer.bytes(account)
  writeCrc(writer, tickSeed(batch.seq, jobId))
  return writer.written()
}

function writeRun(writer: ByteWriter, { seq, buckets }: BucketBatch, run: SeriesRun): void {
  writer.u8(TYPES.indexOf(run.key.type))
  writer.name(run.key.name)
  writer.varint(run.end - run.start)
  for (let i = run.start; i < run.end; i++) {
    const { t, last, min, max, sum, count, estimated } = buckets
    const single = count[i] === 1
    const offset = (t[i] ?? 0) - seq
    const exact = !Number.isInteger(offset) || Math.abs(offset) > MAX_OFFSET_MS
    writer.u8((single ? SINGLE : 0) | (estimated[i] ? ESTIMATED : 0) | (exact ? EXACT_TIME : 0))
    if (exact) writer.f64(t[i] ?? 0)
    else writer.zigzag(offset)
    writer.f64(last[i] ?? 0)
    if (single) continue
    writer.f64(min[i] ?? 0)
    writer.f64(max[i] ?? 0)
    writer.f64(sum[i] ?? 0)
    writer.varint(count[i] ?? 0)
  }
}

/** The sections of the payload of the tick `seq`; views of it. Throws `DamagedBytes`. */
export function sectionsOfTick(payload: Uint8Array, seq: number): TickSections {
  const reader = new ByteReader(payload)
  const version = reader.u8()
  if (version !== VERSION) throw new DamagedBytes(`A tick has the unknown version ${version}.`)
  const previous = reader.f64()
  const jobs = reader.varint()
  const lengths = new Map<string, number>()
  for (let i = 0; i < jobs; i++) lengths.set(reader.name(), reader.varint())
  checked(payload.subarray(0, reader.at + 4), (body) => crc32(body, tickSeed(seq)))
  reader.u32()
  return {
    previous,
    sections: new Map(Array.from(lengths, ([jobId, length]) => [jobId, reader.bytes(length)])),
  }
}

/** What ticks hold of one series, in order of arrival. */
export interface FreshSeries {
  readonly type: MetricType
  readonly points: PointsBuilder
}
/** What ticks hold of one job. */
export interface FreshJob {
  readonly series: Map<string, FreshSeries>
  account: string
}

/** Adds the job's section of the tick `seq` to what ticks before it held. Throws `DamagedBytes` and then has added nothing. */
export function addSection(job: FreshJob, jobId: string, section: Uint8Array, seq: number): void {
  const reader = new ByteReader(checked(section, (body) => crc32(body, tickSeed(seq, jobId))))
  const count = reader.varint()
  for (let i = 0; i < count; i++) addRun(job, reader, seq)
  const account = reader.bytes(reader.varint())
  if (account.length > 0) job.account = new TextDecoder().decode(account)
}

function addRun(job: FreshJob, reader: ByteReader, seq: number): void {
  const type = TYPES[reader.u8()]
  if (!type) throw new DamagedBytes('A series has no such type.')
  const { points } = freshSeries(job, reader.name(), type)
  const buckets = reader.varint()
  for (let i = 0; i < buckets; i++) points.push(readBucket(reader, seq))
}

/** The first type of a name is its type. */
export function freshSeries(job: FreshJob, name: string, type: MetricType): FreshSeries {
  const known = job.series.get(name)
  if (known) return known
  const made = { type, points: new PointsBuilder() }
  job.series.set(name, made)
  return made
}

function readBucket(reader: ByteReader, seq: number): Point {
  const flags = reader.u8()
  const t = flags & EXACT_TIME ? reader.f64() : seq + reader.zigzag()
  const last = reader.f64()
  const estimated = flags & ESTIMATED ? 1 : 0
  if (flags & SINGLE)
    return { t, last, carry: 0, min: last, max: last, sum: last, count: 1, estimated }
  const [min, max, sum] = [reader.f64(), reader.f64(), reader.f64()]
  return { t, last, carry: 0, min, max, sum, count: reader.varint(), estimated }
}
