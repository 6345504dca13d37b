/** Columns of equal length, ascending in t, as they come from the server. */
export interface PointColumns {
  readonly t: ArrayLike<number>
  readonly last: ArrayLike<number>
  readonly min: ArrayLike<number>
  readonly max: ArrayLike<number>
  readonly mean: ArrayLike<number>
  readonly count: ArrayLike<number>
}

/** The points of a series as they lie in memory: views that stay as they are until the next change of the series. */
export interface SeriesView {
  readonly length: number
  readonly t: Float64Array
  readonly last: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
  readonly mean: Float64Array
  readonly count: Float64Array
  /** Points before `coarseUntil` are buckets of this width; 0: all are as received. */
  readonly gridMs: number
  readonly coarseUntil: number
}

/** A change leaves at most this many points and says so, that its owner may read the past again, coarser. */
export const WANTED_POINTS = 16_384
/** Above this the oldest quarter goes, counted. */
const MAX_POINTS = 2 * WANTED_POINTS
const FIRST_CAPACITY = 256

export interface SeriesColumns {
  readonly view: () => SeriesView
  /** Puts what the server says is there at and after `from` in the place of what was. */
  readonly replaceFrom: (from: number, points: PointColumns) => void
  /**
   * Takes a past read from the server. Of what is here it keeps what came after that past; where the past is of buckets, its
   * last one may still be open, and what arrived after `readAt` is not in it.
   */
  readonly setPast: (points: PointColumns, gridMs: number, readAt: number) => void
  readonly isOverfull: () => boolean
  /** Points that had to go, oldest first, since nobody read a coarser past in time. */
  readonly dropped: () => number
}

const NAMES = ['t', 'last', 'min', 'max', 'mean', 'count'] as const
type Columns = Readonly<Record<(typeof NAMES)[number], Float64Array>>

/**
 * One series in typed arrays. Growing and dropping make new arrays, so that views handed out before stay valid: a chart may be
 * asked for its cursor between two draws.
 */
export function createSeriesColumns(): SeriesColumns {
  let columns = allocate(FIRST_CAPACITY)
  let length = 0
  let gridMs = 0
  let coarseUntil = Number.NEGATIVE_INFINITY
  let dropped = 0
  let current: SeriesView | undefined

  return {
    view: () => (current ??= viewNow()),
    replaceFrom(from, points) {
      length = lowerBound(columns.t, length, from)
      append(points, 0)
      current = undefined
    },
    setPast(points, pastGridMs, readAt) {
      const here = viewNow()
      const pastEnd = points.t[points.t.length - 1] ?? Number.NEGATIVE_INFINITY
      const keepAfter = pastGridMs === 0 ? pastEnd : Math.max(pastEnd, readAt)
      const kept = lowerBound(here.t, here.length, keepAfter, true)
      columns = allocate(Math.max(FIRST_CAPACITY, points.t.length + here.length - kept))
      length = 0
      append(points, 0)
      append(here, kept)
      gridMs = pastGridMs
      coarseUntil = pastGridMs === 0 ? Number.NEGATIVE_INFINITY : pastEnd + 1
      current = undefined
    },
    isOverfull: () => length > WANTED_POINTS,
    dropped: () => dropped,
  }

  function viewNow(): SeriesView {
    const { t, last, min, max, mean, count } = columns
    return {
      length,
      t: t.subarray(0, length),
      last: last.subarray(0, length),
      min: min.subarray(0, length),
      max: max.subarray(0, length),
      mean: mean.subarray(0, length),
      count: count.subarray(0, length),
      gridMs,
      coarseUntil,
    }
  }

  function append(points: PointColumns, start: number): void {
    const added = points.t.length - start
    if (length + added > MAX_POINTS) dropOldest(length + added - MAX_POINTS)
    makeRoom(length + added)
    for (const name of NAMES) {
      const into = columns[name]
      const from = points[name]
      for (let i = 0; i < added; i++) into[length + i] = from[start + i] ?? Number.NaN
    }
    length += added
  }

  function makeRoom(wanted: number): void {
    if (wanted <= columns.t.length) return
    moveTo(Math.max(wanted, 2 * columns.t.length), 0)
  }

  function dropOldest(atLeast: number): void {
    const gone = Math.min(length, Math.max(atLeast, MAX_POINTS / 4))
    moveTo(columns.t.length, gone)
    length -= gone
    dropped += gone
  }

  function moveTo(capacity: number, skip: number): void {
    const next = allocate(capacity)
    for (const name of NAMES) next[name].set(columns[name].subarray(skip, length))
    columns = next
  }
}

function allocate(capacity: number): Columns {
  return {
    t: new Float64Array(capacity),
    last: new Float64Array(capacity),
    min: new Float64Array(capacity),
    max: new Float64Array(capacity),
    mean: new Float64Array(capacity),
    count: new Float64Array(capacity),
  }
}

/** The first index whose time is at or after `time` (after it, with `strictly`). */
export function lowerBound(
  t: ArrayLike<number>,
  length: number,
  time: number,
  strictly = false,
): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    const value = t[middle] ?? 0
    if (value < time || (strictly && value === time)) low = middle + 1
    else high = middle
  }
  return low
}
