import { lineRuns, type BreakLimits } from './line-breaks.ts'
import type { SeriesView } from './series-columns.ts'

/** What a path is drawn with: a Path2D, or the canvas itself. */
export interface PathPen {
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  closePath(): void
}

export interface Scales {
  readonly x: (t: number) => number
  readonly y: (value: number) => number
}

/**
 * Straight lines through the values, broken where nothing came for long. Of the points that share a pixel column it draws the
 * first, lowest, highest and last: what is seen is the same, and a line costs no more than the pixels it crosses.
 */
export function traceLine(
  pen: PathPen,
  view: SeriesView,
  [first, end]: readonly [number, number],
  limits: BreakLimits,
  { x, y }: Scales,
): void {
  const { t, last } = view
  for (const [start, stop] of lineRuns(view, first, end, limits)) {
    pen.moveTo(x(t[start] ?? 0), y(last[start] ?? 0))
    for (const { from, low, high, to } of pixelColumns(t, last, last, start + 1, stop, x))
      for (const at of new Set([from, Math.min(low, high), Math.max(low, high), to - 1]))
        pen.lineTo(x(t[at] ?? 0), y(last[at] ?? 0))
  }
}

/** The band between min and max, where there is one: buckets of more than one sample. */
export function traceBand(
  pen: PathPen,
  view: SeriesView,
  [first, end]: readonly [number, number],
  limits: BreakLimits,
  { x, y }: Scales,
): void {
  const { t, min, max } = view
  for (const [start, stop] of lineRuns(view, first, end, limits)) {
    if (!hasBand(view, start, stop)) continue
    const columns = pixelColumns(t, min, max, start, stop, x)
    columns.forEach(({ from, high }, place) => {
      const at = x(t[from] ?? 0)
      if (place === 0) pen.moveTo(at, y(max[high] ?? 0))
      else pen.lineTo(at, y(max[high] ?? 0))
    })
    for (const { from, low } of columns.toReversed()) pen.lineTo(x(t[from] ?? 0), y(min[low] ?? 0))
    pen.closePath()
  }
}

/** The points [from, to) that share a pixel column: which has the lowest of `lows` and which the highest of `highs`. */
interface PixelColumn {
  readonly from: number
  readonly to: number
  readonly low: number
  readonly high: number
}

function pixelColumns(
  t: Float64Array,
  lows: Float64Array,
  highs: Float64Array,
  start: number,
  stop: number,
  x: (t: number) => number,
): PixelColumn[] {
  const columns: PixelColumn[] = []
  for (let i = start; i < stop;) {
    const column = Math.floor(x(t[i] ?? 0))
    const from = i
    let low = i
    let high = i
    while (i < stop && Math.floor(x(t[i] ?? 0)) === column) {
      if ((lows[i] ?? 0) < (lows[low] ?? 0)) low = i
      if ((highs[i] ?? 0) > (highs[high] ?? 0)) high = i
      i++
    }
    columns.push({ from, to: i, low, high })
  }
  return columns
}

function hasBand({ count }: SeriesView, start: number, stop: number): boolean {
  for (let i = start; i < stop; i++) if ((count[i] ?? 0) > 1) return true
  return false
}
