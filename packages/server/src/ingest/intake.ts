import type { SamplesAccepted } from '@plotline/api'
import { LineReader, MAX_DATAGRAM_BYTES, MAX_VALUES, showLine, type Refusal } from '@plotline/wire'
import { secondOf } from '../metrics/aggregate-bucket.ts'
import type { JobAggregate, SampleRefusal } from '../metrics/aggregate-job.ts'
import type { SeriesAggregate } from '../metrics/aggregate-series.ts'
import { isJobId, type JobId, type UnixMs } from '../units.ts'
import { Account } from './account.ts'
import { Sources } from './sources.ts'

/** Samples of a batch are spread over the time since their sender's last datagram, where that is longer than this. */
const MIN_SPREAD_MS = 20
/** The first datagram of a sender: nobody knows since when it held its samples. */
const FIRST_SPREAD_MS = 1000
/** Most refused lines that one answer tells of; all are counted. */
const MAX_ANSWERED_LINES = 1000
const LF = 10

/** A job that is taken from (`aggregate` is there), or that is over: then its late samples still count on its account. */
export interface KnownJob {
  readonly jobId: JobId
  aggregate: JobAggregate | undefined
  /** Not held of jobs that an earlier server ended. */
  account: Account | undefined
  /** The last datagram that had something of it. */
  datagram: number
}

/** Takes datagrams apart and hands each sample to its series: reads, attributes, times and counts. */
export class Intake {
  /** Lines that belong to no job that is known. */
  readonly server = new Account()
  datagrams = 0
  samples = 0
  /** Jobs that gained something since the list was emptied. */
  readonly touched: KnownJob[] = []
  /** The store has no room: samples are refused. */
  isStopped = false
  /** Some series holds as much as it may: the next tick should be cut now. */
  isFull = false

  readonly #jobs = new Map<string, KnownJob>()
  readonly #lines = new LineReader()
  readonly #sources = new Sources()
  #datagram = 0

  /** What the last tags named. */
  #tailId = -1
  #tailJob: KnownJob | undefined
  #isTailForeign = false

  /** The samples of the datagram at hand, until all its lines are read and their times are known. */
  readonly #values = new Float64Array(MAX_VALUES)
  readonly #times = new Float64Array(MAX_VALUES)
  readonly #series: SeriesAggregate[] = []
  #taken = 0
  #staged = 0
  #untimed = 0
  #isBatch = false
  #earliest = 0
  /** The samples at hand may be a batch: their times are known when all are read. Else they are added up as they are read. */
  #isStaging = false
  /** The second that it came in. */
  #second = 0

  add(job: KnownJob): void {
    this.#jobs.set(job.jobId, job)
    this.#tailId = -1
  }

  get(jobId: JobId): KnownJob | undefined {
    return this.#jobs.get(jobId)
  }

  remove(jobId: JobId): void {
    this.#jobs.delete(jobId)
    this.#tailId = -1
    this.#series.length = 0
  }

  jobs(): Iterable<KnownJob> {
    return this.#jobs.values()
  }

  /**
   * Hot path (bench/ingest-udp.mjs). `sender` tells senders apart; `owner` is the job whose own socket it came in by. The bytes
   * are read before it returns.
   */
  take(bytes: Uint8Array, sender: string | number, owner: KnownJob | undefined, now: UnixMs): void {
    this.datagrams++
    const source = this.#sources.of(sender)
    const second = secondOf(now)
    if (source.payer?.isOverspent(second)) {
      source.payer.count('overload', 1)
      source.payer.lose('overload', 1, now)
      return
    }
    const from = source.lastAt ?? now - FIRST_SPREAD_MS
    this.#second = second
    this.#isStaging = now - from > MIN_SPREAD_MS
    const lines = this.#read(bytes, owner, now)
    if (this.#taken > 0) source.lastAt = now
    if (this.#isStaging) this.#apply(from, now)
    const payer = this.#tailJob?.account ?? owner?.account ?? this.server
    source.payer = payer
    payer.spend(second, bytes.length, lines)
  }

  /** Lines that came by another way than a datagram, of any length; all are of `job`. */
  accept(body: Uint8Array, job: KnownJob, now: UnixMs): SamplesAccepted {
    const source = this.#sources.of(job.jobId)
    const from = source.lastAt ?? now - FIRST_SPREAD_MS
    const answer = new Answer(body)
    this.#isStaging = true
    for (let start = 0; start < body.length;) {
      const end = pieceEnd(body, start)
      if (end - start > MAX_DATAGRAM_BYTES) {
        job.account?.refuse('format', 1, body, start, end)
        answer.begin(start)
        answer.refuse(0, end - start, 'format')
      } else {
        answer.begin(start)
        this.#read(body.subarray(start, end), job, now, answer)
        const share = (position: number): number => from + ((now - from) * position) / body.length
        this.#apply(share(start), Math.floor(share(end)))
      }
      start = end
    }
    source.lastAt = now
    return answer
  }

  /** Reads the lines of `bytes`, counts those that are refused and takes the samples of the others. */
  #read(bytes: Uint8Array, owner: KnownJob | undefined, now: UnixMs, answer?: Answer): number {
    const lines = this.#lines
    lines.load(bytes)
    this.#datagram++
    this.#taken = 0
    this.#staged = 0
    this.#untimed = 0
    this.#isBatch = false
    this.#earliest = 0
    let count = 0
    for (let outcome = lines.next(); outcome !== 'end'; outcome = lines.next()) {
      count++
      const job = answer === undefined ? this.#jobOfLine(owner) : owner
      if (outcome !== 'sample' && (outcome !== 'job' || answer === undefined))
        this.#refuse(job, outcome, 1, now, answer)
      else if (job?.aggregate === undefined) this.#refuseHomeless(job, now)
      else if (this.isStopped) this.#refuseStored(job, now)
      else this.#takeSamples(job, job.aggregate, now, answer)
    }
    return count
  }

  /** The job that the tags of the line name, else the one whose socket it is. */
  #jobOfLine(owner: KnownJob | undefined): KnownJob | undefined {
    const { bytes, tailId, jobStart, jobEnd } = this.#lines
    if (tailId !== this.#tailId) {
      this.#tailId = tailId
      const name = Buffer.from(bytes.buffer, jobStart, jobEnd - jobStart).toString('latin1')
      this.#tailJob = this.#jobs.get(name)
      // Outside Plotline the entity tag is no job's id: then it names no job.
      this.#isTailForeign = this.#tailJob === undefined && !isJobId(name)
    }
    return this.#isTailForeign ? owner : this.#tailJob
  }

  #refuse(
    job: KnownJob | undefined,
    reason: Refusal | SampleRefusal | 'unknown_job' | 'job_ended' | 'storage_full',
    count: number,
    now: UnixMs,
    answer?: Answer,
  ): void {
    const { bytes, lineStart, lineEnd, packetsDropped } = this.#lines
    const account = job?.account ?? this.server
    account.refuse(reason, count, bytes, lineStart, lineEnd)
    if (reason === 'telemetry' && packetsDropped > 0) account.lose('client', packetsDropped, now)
    answer?.refuse(lineStart, lineEnd, reason)
    if (job !== undefined) this.#touch(job)
  }

  #refuseHomeless(job: KnownJob | undefined, now: UnixMs): void {
    const reason = job === undefined ? 'unknown_job' : 'job_ended'
    this.#refuse(job, reason, this.#lines.valueCount, now)
  }

  #refuseStored(job: KnownJob, now: UnixMs): void {
    this.#refuse(job, 'storage_full', this.#lines.valueCount, now)
    job.account?.lose('storage', this.#lines.valueCount, now)
  }

  #touch(job: KnownJob): void {
    if (job.datagram === this.#datagram) return
    job.datagram = this.#datagram
    this.touched.push(job)
  }

  /** Hot path (bench/ingest-udp.mjs). */
  #takeSamples(
    job: KnownJob,
    aggregate: JobAggregate,
    now: UnixMs,
    answer: Answer | undefined,
  ): void {
    const lines = this.#lines
    const { valueCount, time } = lines
    const series = aggregate.seriesOf(lines)
    if (typeof series === 'string') return this.#refuse(job, series, valueCount, now, answer)
    const t = time === 0 ? 0 : aggregate.timeOf(time, now)
    if (t === undefined) return this.#refuse(job, 'late', valueCount, now, answer)
    if (aggregate.isTooMuch(series, lines.values, valueCount))
      return this.#refuse(job, 'value', valueCount, now, answer)
    if (!series.isDeclared) this.#refuse(job, 'undeclared', valueCount, now, answer)
    else this.#count(job, valueCount, answer)
    if (t === 0) {
      if (valueCount > 1 || series.datagram === this.#datagram) this.#isBatch = true
      series.datagram = this.#datagram
      this.#untimed += valueCount
    }
    if (job.datagram !== this.#datagram) this.#touch(job)
    this.#taken += valueCount
    const second = t === 0 ? this.#second : secondOf(t)
    for (let i = 0; i < valueCount; i++) {
      const value = lines.values[i] ?? 0
      if (this.#isStaging) this.#stage(series, value, t)
      else series.add(value, t === 0 ? now : t, second, false)
    }
    if (series.isFull) this.isFull = true
    if (aggregate.createdAt > this.#earliest) this.#earliest = aggregate.createdAt
  }

  #stage(series: SeriesAggregate, value: number, time: number): void {
    const at = this.#staged++
    this.#values[at] = value
    this.#times[at] = time
    this.#series[at] = series
  }

  #count(job: KnownJob, samples: number, answer: Answer | undefined): void {
    this.samples += samples
    job.account?.receive(samples)
    if (answer !== undefined) answer.accepted += samples
  }

  /**
   * Gives the staged samples their times and adds them up. Those of a client that holds samples back are spread evenly over the
   * time in which it must have made them: since it was heard of last, at `from`.
   */
  #apply(from: number, now: number): void {
    const first = Math.max(from, this.#earliest)
    const isSpread = this.#isBatch && now - first > MIN_SPREAD_MS
    if (isSpread) for (const job of this.touched) job.account?.findBatched()
    const step = (now - first) / this.#untimed
    let place = 0
    for (let i = 0; i < this.#staged; i++) {
      const series = this.#series[i]
      if (series === undefined) continue
      const named = this.#times[i] ?? 0
      const t = named > 0 ? named : isSpread ? Math.round(first + step * ++place) : now
      series.add(this.#values[i] ?? 0, t, secondOf(t), isSpread && named === 0)
      if (series.isFull) this.isFull = true
    }
  }
}

/** What the sender of a body is told: the lines at fault, each with its number. */
class Answer implements SamplesAccepted {
  accepted = 0
  readonly refused: SamplesAccepted['refused'] = []
  readonly #body: Uint8Array
  /** Where the piece begins that is being read. */
  #piece = 0
  #countedTo = 0
  #number = 1

  constructor(body: Uint8Array) {
    this.#body = body
  }

  begin(piece: number): void {
    this.#piece = piece
  }

  /** [lineStart, lineEnd) of the piece. */
  refuse(lineStart: number, lineEnd: number, reason: string): void {
    if (this.refused.length === MAX_ANSWERED_LINES) return
    const start = this.#piece + lineStart
    const end = this.#piece + lineEnd
    for (; this.#countedTo < start; this.#countedTo++)
      if (this.#body[this.#countedTo] === LF) this.#number++
    this.refused.push({ line: showLine(this.#body, start, end), number: this.#number, reason })
  }
}

/** The end of the last line that fits into a datagram, or of the first where not even that does. */
function pieceEnd(body: Uint8Array, start: number): number {
  const limit = start + MAX_DATAGRAM_BYTES
  if (body.length <= limit) return body.length
  const lastBreak = body.lastIndexOf(LF, limit - 1)
  if (lastBreak >= start) return lastBreak + 1
  const nextBreak = body.indexOf(LF, limit)
  return nextBreak < 0 ? body.length : nextBreak + 1
}
