import type { SeriesView } from './series-columns.ts'

/** A line breaks where nothing came for longer than this many times the usual interval, */
const TIMES_USUAL = 5
/** but never below this. */
const MIN_BREAK_MS = 10_000
/** Of so many intervals the median is as good as of all. */
const INTERVALS_LOOKED_AT = 511

/** How long a silence breaks the line: where the series is of buckets, and where it is as received. */
export interface BreakLimits {
  readonly coarseMs: number
  readonly fineMs: number
}

export function breakLimits(view: SeriesView): BreakLimits {
  const split = coarseLength(view)
  return {
    coarseMs: Math.max(limitOf(medianIntervalMs(view.t, 0, split)), TIMES_USUAL * view.gridMs),
    fineMs: limitOf(medianIntervalMs(view.t, split, view.length)),
  }
}

/** The runs [start, end) of indices in [first, end) that one line connects. */
export function lineRuns(
  view: SeriesView,
  first: number,
  end: number,
  limits: BreakLimits,
): readonly (readonly [start: number, end: number])[] {
  const runs: [number, number][] = []
  let start = first
  for (let i = first + 1; i < end; i++) {
    const before = view.t[i - 1] ?? 0
    const limitMs = before < view.coarseUntil ? limits.coarseMs : limits.fineMs
    if ((view.t[i] ?? 0) - before <= limitMs) continue
    runs.push([start, i])
    start = i
  }
  if (start < end) runs.push([start, end])
  return runs
}

/** The usual time between two points, 0 where there are fewer than two. */
export function medianIntervalMs(t: Float64Array, first: number, end: number): number {
  const count = end - first - 1
  if (count < 1) return 0
  const step = Math.max(1, Math.floor(count / INTERVALS_LOOKED_AT))
  const intervals: number[] = []
  for (let i = first + 1; i < end; i += step) intervals.push((t[i] ?? 0) - (t[i - 1] ?? 0))
  intervals.sort((a, b) => a - b)
  return intervals[intervals.length >> 1] ?? 0
}

const limitOf = (usualMs: number): number => Math.max(MIN_BREAK_MS, TIMES_USUAL * usualMs)

function coarseLength({ t, length, coarseUntil }: SeriesView): number {
  let end = length
  while (end > 0 && (t[end - 1] ?? 0) >= coarseUntil) end--
  return end
}
