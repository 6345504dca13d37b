import type { MetricType } from '@plotline/api'
import type { MetricName } from '@plotline/wire'
import type { BatchBuilder } from './aggregate-batch.ts'
import {
  foldCounter,
  foldGauge,
  mergeBucket,
  pointBucket,
  secondOf,
  type Bucket,
} from './aggregate-bucket.ts'
import { SeriesStatistics } from './aggregate-statistics.ts'
import { addTo, finite, totalOf, valueWith, type Total } from './aggregate-total.ts'
import type { SeriesKey } from './bucket-batch.ts'
import type { SeriesChange } from './ingest.ts'
import type { SeriesSummary } from './metric-store.ts'
import { unixMs, type JobId } from '../units.ts'

/** So many samples of a metric in a second are points of their own; one more makes a bucket of that second. */
const MAX_POINTS_A_SECOND = 10
/** Buckets that wait for the next tick; beyond this the tick should be cut at once. */
const MAX_WAITING_BUCKETS = 4096
/** Buckets that left with a tick and are kept for what may come beside or before them. */
const KEPT_BUCKETS = 32
/** How far back, and how finely, the history of a metric goes that the job has not declared. */
const ASIDE_SECONDS = 600
const ASIDE_POINTS_A_SECOND = 2

const NEVER = Number.POSITIVE_INFINITY

/**
 * One metric of one job: its samples of the last seconds on their way to the store, what the graph shows of them, and the
 * statistics of all. Pure: the time of every sample and cut is an argument.
 */
export class SeriesAggregate {
  readonly key: SeriesKey
  readonly isCounter: boolean
  /** Samples of the same datagram, so that several of one metric are known as a batch. */
  datagram = -1

  /** By time, those of equal time in order of arrival: what waits for a tick, and the last that went with one. */
  #recent: Bucket[] = []
  /** What waits for a tick and lies before all that is kept. */
  #late: Bucket[] = []
  /** The bucket that takes all further samples of its second. */
  #open: Bucket | undefined
  /** A counter's total before `#recent`. */
  readonly #base
  /** Time of the newest bucket that is kept no more. */
  #forgottenTo: number
  /** Of all that left with a tick. */
  #sent: SeriesStatistics
  #waiting = 0
  /** Size of all increments that alone could fill a double, and of the total at the start. */
  #huge = 0
  /** The earliest second whose points changed since the last change was taken. */
  #changedFrom = NEVER
  #isChanged = false
  #isHistoryChanged = false
  /** History of an undeclared metric, undefined for a declared one. */
  #aside: Bucket[] | undefined

  constructor(jobId: JobId, name: MetricName, type: MetricType, isDeclared: boolean) {
    this.key = { jobId, name, type }
    this.isCounter = type === 'counter'
    this.#base = totalOf(0, 0)
    this.#forgottenTo = Number.NEGATIVE_INFINITY
    this.#sent = new SeriesStatistics(type)
    this.#aside = isDeclared ? undefined : []
  }

  /** Goes on where the store's summary of the series ends. */
  static resume(jobId: JobId, stored: SeriesSummary): SeriesAggregate {
    const series = new SeriesAggregate(jobId, stored.name, stored.type, true)
    series.#sent = SeriesStatistics.resume(stored)
    series.#forgottenTo = stored.lastAt
    if (series.isCounter) {
      series.#base.high = stored.last
      series.#base.low = stored.carry
      series.#huge = Math.abs(stored.last)
    }
    return series
  }

  get isDeclared(): boolean {
    return this.#aside === undefined
  }
  /** Something waits for a tick. */
  get isWaiting(): boolean {
    return this.#waiting > 0
  }
  get isFull(): boolean {
    return this.#waiting >= MAX_WAITING_BUCKETS
  }
  /** Something changed since {@link takeChange}. */
  get isChanged(): boolean {
    return this.#isChanged
  }

  /** Hot path (bench/ingest-udp.mjs). `second` is that of `t`. */
  add(value: number, t: number, second: number, estimated: boolean): void {
    const open = this.#open
    if (open === undefined || open.second !== second) {
      this.#addPoint(value, t, second, estimated)
      return
    }
    if (this.isCounter) foldCounter(open, value)
    else foldGauge(open, value)
    if (estimated) open.estimated = true
    this.#isChanged = true
    if (second < this.#changedFrom) this.#changedFrom = second
  }

  /** Whether a counter can take an increment of this huge size, after all others so huge, and still be a number. */
  hasRoomFor(size: number): boolean {
    const taken = this.#huge + size
    if (!Number.isFinite(taken)) return false
    this.#huge = taken
    return true
  }

  #addPoint(value: number, t: number, second: number, estimated: boolean): void {
    this.#isChanged = true
    if (second * 1000 <= this.#forgottenTo) {
      this.#isHistoryChanged = true
      if (this.isCounter) addTo(this.#base, value)
      // The totals of all that is shown moved.
      const shown = this.#recent[0]
      if (this.isCounter && shown !== undefined)
        this.#changedFrom = Math.min(this.#changedFrom, shown.second)
      this.#insert(this.#late, pointBucket(t, value, estimated))
      return
    }
    this.#changedFrom = Math.min(this.#changedFrom, second)
    const bucket = this.#insert(this.#recent, pointBucket(t, value, estimated))
    this.#open = bucket.count > 1 ? bucket : undefined
  }

  /** Puts a point in its place; where its second is full, merges that second's waiting points. Answers what holds the point now. */
  #insert(buckets: Bucket[], point: Bucket): Bucket {
    const place = placeOf(buckets, point.t)
    buckets.splice(place, 0, point)
    this.#waiting++
    let from = place
    while (from > 0 && buckets[from - 1]?.second === point.second) from--
    let to = place
    while (to < buckets.length && buckets[to]?.second === point.second) to++
    const ofSecond = buckets.slice(from, to)
    const waiting = ofSecond.filter((bucket) => !bucket.sent)
    const hasBucket = waiting.some((bucket) => bucket.count > 1)
    if (waiting.length <= (hasBucket ? 1 : MAX_POINTS_A_SECOND)) return point

    const merged = this.#mergeAll(waiting, point.second * 1000)
    const sent = ofSecond.filter((bucket) => bucket.sent)
    buckets.splice(from, to - from, merged, ...sent)
    this.#waiting -= waiting.length - 1
    return merged
  }

  #mergeAll(buckets: readonly Bucket[], t: number): Bucket {
    const [first, ...rest] = buckets
    if (first === undefined) throw new Error('There is nothing to merge.')
    const merged = { ...first, t, second: secondOf(t) }
    for (const bucket of rest) mergeBucket(this.key.type, merged, bucket)
    return merged
  }

  /** Adds what waits to `batch`, of the second `second` only or of all others, and leaves it waiting. */
  peek(batch: BatchBuilder, second: number, isOnly: boolean): void {
    if (this.#aside !== undefined) return
    for (const bucket of this.#waitingBuckets())
      if ((bucket.second === second) === isOnly) batch.add(this.key, bucket)
  }

  /** Moves what waits to `batch`, all but the second `openSecond`, where there is one. */
  take(batch: BatchBuilder, openSecond: number | undefined): void {
    for (const bucket of this.#waitingBuckets()) {
      if (bucket.second === openSecond) continue
      bucket.sent = true
      this.#waiting--
      this.#sent.add(bucket)
      if (this.#aside === undefined) batch.add(this.key, bucket)
      else this.#keepAside({ ...bucket, sent: false })
    }
    if (this.#open?.sent) this.#open = undefined
    this.#late = this.#late.filter((bucket) => !bucket.sent)
    this.#forget()
  }

  #waitingBuckets(): Bucket[] {
    return [...this.#late, ...this.#recent].filter((bucket) => !bucket.sent)
  }

  /** Lets go of what left with a tick, but for the last and for what is still to be shown. */
  #forget(): void {
    let forgotten = 0
    const surplus = this.#recent.length - KEPT_BUCKETS
    for (const bucket of this.#recent) {
      if (forgotten >= surplus || !bucket.sent || bucket.second >= this.#changedFrom) break
      if (this.isCounter) addTo(this.#base, bucket.last)
      this.#forgottenTo = bucket.t
      forgotten++
    }
    if (forgotten > 0) this.#recent.splice(0, forgotten)
  }

  #keepAside(bucket: Bucket): void {
    const aside = (this.#aside ??= [])
    const place = placeOf(aside, bucket.t)
    const before = aside.slice(Math.max(0, place - ASIDE_POINTS_A_SECOND), place)
    const isCrowded =
      before.length === ASIDE_POINTS_A_SECOND &&
      before.every((other) => other.second === bucket.second)
    const latest = aside[place - 1]
    if (isCrowded && latest !== undefined) mergeBucket(this.key.type, latest, bucket)
    else aside.splice(place, 0, bucket)
    this.#forgetAside(aside)
  }

  /** A counter keeps the sum of what it forgets, so that its total is right once it is declared. */
  #forgetAside(aside: Bucket[]): void {
    const oldest = (aside.at(-1)?.second ?? 0) - ASIDE_SECONDS
    let forgotten = 0
    while ((aside[forgotten]?.second ?? NEVER) < oldest) forgotten++
    if (forgotten === 0 || (this.isCounter && forgotten === 1)) return
    const dropped = aside.splice(0, forgotten)
    const latest = dropped.at(-1)
    if (this.isCounter && latest !== undefined) aside.unshift(this.#mergeAll(dropped, latest.t))
  }

  /** The same metric, declared: all that was kept of it waits for the next tick. */
  declared(): SeriesAggregate {
    const { jobId, name, type } = this.key
    const series = new SeriesAggregate(jobId, name, type, true)
    series.#recent = [...(this.#aside ?? []), ...this.#waitingBuckets()].toSorted(
      (a, b) => a.t - b.t,
    )
    series.#waiting = series.#recent.length
    series.#isChanged = series.#waiting > 0
    series.#isHistoryChanged = series.#isChanged
    series.#changedFrom = series.#recent[0]?.second ?? NEVER
    return series
  }

  /** Points that changed lie before those of the next change. */
  get isHistoryChanged(): boolean {
    return this.#isHistoryChanged
  }

  /** Of all samples so far. */
  get statistics(): SeriesStatistics {
    const all = this.#sent.copy()
    for (const bucket of this.#waitingBuckets()) all.add(bucket)
    return all
  }

  /** The points since the last change was taken, as the graph draws them, from the start of the earliest second among them. */
  takeChange(): SeriesChange {
    const { lastAt } = this.statistics
    const from = Math.min(this.#changedFrom, secondOf(lastAt) + 1)
    this.#changedFrom = NEVER
    this.#isChanged = false
    this.#isHistoryChanged = false
    return this.#changeFrom(from)
  }

  #changeFrom(second: number): SeriesChange {
    const points: DrawnPoints = { t: [], last: [], min: [], max: [], mean: [], count: [] }
    const estimated: number[] = []
    const total = totalOf(this.#base.high, this.#base.low)
    for (const bucket of this.#recent) {
      const isShown = bucket.second >= second
      if (isShown) {
        draw(points, bucket, this.isCounter ? total : undefined)
        estimated.push(bucket.estimated ? 1 : 0)
      }
      if (this.isCounter) addTo(total, bucket.last)
    }
    return {
      name: this.key.name,
      type: this.key.type,
      from: unixMs(second * 1000),
      ...points,
      ...(estimated.includes(1) && { estimated }),
      summary: this.statistics.summary(this.key.name),
    }
  }
}

type DrawnPoints = Record<'t' | 'last' | 'min' | 'max' | 'mean' | 'count', number[]>

/** Adds a bucket as the graph shows it; `before` is a counter's total before it. */
function draw(points: DrawnPoints, bucket: Bucket, before: Total | undefined): void {
  const drawn = (value: number): number =>
    before === undefined ? finite(value) : valueWith(before, value)
  const last = drawn(bucket.last)
  const mean = finite(bucket.sum / bucket.count)
  points.t.push(bucket.t)
  points.last.push(last)
  points.min.push(drawn(bucket.min))
  points.max.push(drawn(bucket.max))
  points.mean.push(bucket.count === 1 ? last : drawn(mean))
  points.count.push(bucket.count)
}

/** Behind all buckets up to `t`. */
function placeOf(buckets: readonly Bucket[], t: number): number {
  let low = 0
  let high = buckets.length
  if ((buckets[high - 1]?.t ?? 0) <= t) return high
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((buckets[middle]?.t ?? 0) <= t) low = middle + 1
    else high = middle
  }
  return low
}
