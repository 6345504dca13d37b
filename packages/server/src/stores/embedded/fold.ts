import type { MetricType } from '@plotline/api'
import { plus, ZERO, type ExactSum } from './exact-sum.ts'
import { PointsBuilder, type Point, type Points } from './points.ts'

/** Adds buckets of one series up, in order, by the rule of `BucketColumns`. */
export class Fold {
  readonly #isCounter: boolean
  #last = 0
  #increments: ExactSum = ZERO
  #min = Infinity
  #max = -Infinity
  #sum: ExactSum = ZERO
  #count = 0
  #estimated = 0

  constructor(type: MetricType) {
    this.#isCounter = type === 'counter'
  }

  get count(): number {
    return this.#count
  }

  add(points: Points, i: number): void {
    const count = points.count[i] ?? 0
    this.addBucket(
      points.last[i] ?? 0,
      points.carry[i] ?? 0,
      points.min[i] ?? 0,
      points.max[i] ?? 0,
      points.sum[i] ?? 0,
      count,
    )
    this.#estimated |= points.estimated[i] ?? 0
  }

  addBucket(
    last: number,
    carry: number,
    min: number,
    max: number,
    sum: number,
    count: number,
  ): void {
    const before = this.#isCounter ? this.#increments : ZERO
    this.#min = Math.min(this.#min, before.hi + (min + before.lo))
    this.#max = Math.max(this.#max, before.hi + (max + before.lo))
    this.#sum = plus(this.#sum, sum)
    if (this.#isCounter) {
      this.#sum = plus(this.#sum, before.hi * count)
      this.#increments = plus(this.#increments, last, carry)
    }
    this.#last = last
    this.#count += count
  }

  /** Of what was added so far; at least one bucket. */
  bucket(t: number): Point {
    return {
      t,
      last: this.#isCounter ? this.#increments.hi : this.#last,
      carry: this.#isCounter ? this.#increments.lo : 0,
      min: this.#min,
      max: this.#max,
      sum: this.#sum.hi,
      count: this.#count,
      estimated: this.#estimated,
    }
  }
}

export function foldAll(points: Points, type: MetricType): Point {
  const fold = new Fold(type)
  for (let i = 0; i < points.length; i++) fold.add(points, i)
  return fold.bucket(points.t[0] ?? 0)
}

/** One bucket for each non-empty cell of the grid, its t the start of the cell. */
export function regridded(points: Points, type: MetricType, gridMs: number): Points {
  const spanMs = (points.t.at(-1) ?? 0) - (points.t[0] ?? 0)
  const cells = new PointsBuilder(Math.min(points.length, Math.ceil(spanMs / gridMs) + 1, 1024))
  let i = 0
  while (i < points.length) {
    const start = cellStart(points.t[i] ?? 0, gridMs)
    const fold = new Fold(type)
    while (i < points.length && (points.t[i] ?? 0) < start + gridMs) fold.add(points, i++)
    cells.push(fold.bucket(start))
  }
  return cells.finish()
}

export const cellStart = (t: number, gridMs: number): number => Math.floor(t / gridMs) * gridMs

export const cellEnd = (t: number, gridMs: number): number => Math.ceil(t / gridMs) * gridMs

/** How many cells of the grid hold a point. */
export function countCells(points: Points, gridMs: number): number {
  let cells = 0
  let end = -Infinity
  for (const t of points.t) {
    if (t < end) continue
    cells++
    end = cellStart(t, gridMs) + gridMs
  }
  return cells
}

/** Cells between two that hold points which are still read in one go with them: each range costs a look for its chunk. */
const MAX_GAP_CELLS = 64

/** Ranges of whole cells, ascending and apart, that cover all points. */
export function* rangesOf(points: Points, gridMs: number): Iterable<readonly [number, number]> {
  let i = 0
  while (i < points.length) {
    const from = cellStart(points.t[i] ?? 0, gridMs)
    let to = from + gridMs
    while (i < points.length && (points.t[i] ?? 0) < to + MAX_GAP_CELLS * gridMs)
      to = cellStart(points.t[i++] ?? 0, gridMs) + gridMs
    yield [from, to]
  }
}
