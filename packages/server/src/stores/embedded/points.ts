import type { BucketColumns } from '../../metrics/bucket-batch.ts'

/**
 * Points or buckets of one series, ascending in t unless said otherwise. `carry` is what rounding took from a counter's `last`
 * when buckets were added up; 0 for gauges and for buckets as received.
 */
export interface Points extends BucketColumns {
  readonly carry: Float64Array
}

export interface Point {
  t: number
  last: number
  carry: number
  min: number
  max: number
  sum: number
  count: number
  estimated: number
}

/** Collects points into columns that grow. */
export class PointsBuilder {
  #capacity: number
  #length = 0
  #t: Float64Array
  #last: Float64Array
  #min: Float64Array
  #max: Float64Array
  #sum: Float64Array
  #count: Float64Array
  #carry: Float64Array
  #estimated: Uint8Array

  constructor(capacity = 64) {
    this.#capacity = Math.max(1, capacity)
    this.#t = new Float64Array(this.#capacity)
    this.#last = new Float64Array(this.#capacity)
    this.#min = new Float64Array(this.#capacity)
    this.#max = new Float64Array(this.#capacity)
    this.#sum = new Float64Array(this.#capacity)
    this.#count = new Float64Array(this.#capacity)
    this.#carry = new Float64Array(this.#capacity)
    this.#estimated = new Uint8Array(this.#capacity)
  }

  get length(): number {
    return this.#length
  }

  push(point: Readonly<Point>): void {
    this.#reserve(1)
    const i = this.#length++
    this.#t[i] = point.t
    this.#last[i] = point.last
    this.#min[i] = point.min
    this.#max[i] = point.max
    this.#sum[i] = point.sum
    this.#count[i] = point.count
    this.#carry[i] = point.carry
    this.#estimated[i] = point.estimated
  }

  /** Points [start, end) of `from`, which may be buckets as received. */
  append(
    from: BucketColumns & { readonly carry?: Float64Array },
    start = 0,
    end = from.length,
  ): void {
    if (end <= start) return
    this.#reserve(end - start)
    const at = this.#length
    this.#t.set(from.t.subarray(start, end), at)
    this.#last.set(from.last.subarray(start, end), at)
    this.#min.set(from.min.subarray(start, end), at)
    this.#max.set(from.max.subarray(start, end), at)
    this.#sum.set(from.sum.subarray(start, end), at)
    this.#count.set(from.count.subarray(start, end), at)
    if (from.carry) this.#carry.set(from.carry.subarray(start, end), at)
    this.#estimated.set(from.estimated.subarray(start, end), at)
    this.#length += end - start
  }

  /** The columns so far, without a copy; what is pushed later does not change them. */
  finish(): Points {
    const n = this.#length
    return {
      length: n,
      t: this.#t.subarray(0, n),
      last: this.#last.subarray(0, n),
      min: this.#min.subarray(0, n),
      max: this.#max.subarray(0, n),
      sum: this.#sum.subarray(0, n),
      count: this.#count.subarray(0, n),
      carry: this.#carry.subarray(0, n),
      estimated: this.#estimated.subarray(0, n),
    }
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#capacity) return
    this.#capacity = Math.max(this.#capacity * 2, this.#length + more)
    this.#t = grown(this.#t, this.#capacity)
    this.#last = grown(this.#last, this.#capacity)
    this.#min = grown(this.#min, this.#capacity)
    this.#max = grown(this.#max, this.#capacity)
    this.#sum = grown(this.#sum, this.#capacity)
    this.#count = grown(this.#count, this.#capacity)
    this.#carry = grown(this.#carry, this.#capacity)
    const estimated = new Uint8Array(this.#capacity)
    estimated.set(this.#estimated)
    this.#estimated = estimated
  }
}

function grown(column: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity)
  larger.set(column)
  return larger
}

export const NO_POINTS: Points = new PointsBuilder(1).finish()

/** A view of points [start, end). */
export function sliced(points: Points, start: number, end: number): Points {
  if (start === 0 && end === points.length) return points
  return {
    length: end - start,
    t: points.t.subarray(start, end),
    last: points.last.subarray(start, end),
    min: points.min.subarray(start, end),
    max: points.max.subarray(start, end),
    sum: points.sum.subarray(start, end),
    count: points.count.subarray(start, end),
    carry: points.carry.subarray(start, end),
    estimated: points.estimated.subarray(start, end),
  }
}

/** One behind the other; a single one itself. */
export function joined(parts: readonly Points[]): Points {
  const [only = NO_POINTS] = parts
  if (parts.length <= 1) return only
  const all = new PointsBuilder(parts.reduce((length, part) => length + part.length, 0))
  for (const part of parts) all.append(part)
  return all.finish()
}

/** The first index whose time is `t` or later; `points` ascend in t. */
export function indexOfTime(points: Points, t: number): number {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((points.t[middle] ?? 0) < t) low = middle + 1
    else high = middle
  }
  return low
}

/** A view of those with a time in [from, to). */
export const between = (points: Points, from: number, to: number): Points =>
  sliced(points, indexOfTime(points, from), indexOfTime(points, to))

/** In order of time, of arrival where times are equal; itself where it is so already. */
export function sortedByTime(points: Points): Points {
  if (isAscending(points.t)) return points
  const order = Array.from(points.t.keys()).toSorted(
    (a, b) => (points.t[a] ?? 0) - (points.t[b] ?? 0) || a - b,
  )
  const sorted = new PointsBuilder(points.length)
  for (const i of order) sorted.append(points, i, i + 1)
  return sorted.finish()
}

function isAscending(t: Float64Array): boolean {
  for (let i = 1; i < t.length; i++) if ((t[i] ?? 0) < (t[i - 1] ?? 0)) return false
  return true
}

/** Both in order of time; where times are equal those of `older` come first, or give way if `replace`. */
export function mergedByTime(older: Points, newer: Points, replace = false): Points {
  if (older.length === 0) return newer
  if (newer.length === 0) return older
  const merged = new PointsBuilder(older.length + newer.length)
  let i = 0
  let j = 0
  while (i < older.length && j < newer.length) {
    const a = older.t[i] ?? 0
    const b = newer.t[j] ?? 0
    if (replace && a === b) i++
    else if (a <= b) {
      const end = replace ? indexOfTime(older, b) : indexAfterTime(older, b)
      merged.append(older, i, end)
      i = end
    } else {
      const end = indexOfTime(newer, a)
      merged.append(newer, j, end)
      j = end
    }
  }
  merged.append(older, i)
  merged.append(newer, j)
  return merged.finish()
}

function indexAfterTime(points: Points, t: number): number {
  let i = indexOfTime(points, t)
  while (i < points.length && points.t[i] === t) i++
  return i
}
