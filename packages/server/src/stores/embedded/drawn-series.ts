import { isMetricName } from '@plotline/wire'
import type { Series, SeriesQuery } from '../../metrics/metric-store.ts'
import { plus } from './exact-sum.ts'
import { cellEnd, cellStart, countCells, regridded } from './fold.ts'
import { gridOf, topLevel, type Grids } from './levels.ts'
import { between, sliced, type Points } from './points.ts'
import { countOf, pointsOf, totalBefore, type SeriesView } from './series-view.ts'

/** What of a query concerns each series alike. */
export type Drawing = Pick<SeriesQuery, 'from' | 'to' | 'maxPoints' | 'gridMs' | 'rate' | 'smooth'>

/** Buckets of one grid, 0 for points as received, and the level they were read from. */
interface Gridded {
  readonly level: number
  readonly gridMs: number
  readonly points: Points
}

/** Below a second only level 0 has anything; each is at most 2.5 times the one before. */
const SUBSECOND_GRIDS_MS: readonly number[] = [1, 2, 4, 8, 20, 40, 100, 200, 500]
const SECOND_MS = 1000
/** Points per wanted bucket that are read at most where level 1 is coarse: 8000 s of ten a second, of which level 1 has 250. */
const MAX_READ_PER_BUCKET = 80

/** The finest grid on which at most `maxPoints` buckets are not empty; undefined where there is nothing. */
export function drawn(view: SeriesView, drawing: Drawing): Series | undefined {
  const { from, to, gridMs } = drawing
  const gridded = gridMs === undefined ? gridFor(view, drawing) : givenGrid(view, gridMs, from, to)
  return gridded.points.length > 0 ? seriesOf(view, gridded, drawing) : undefined
}

/** Points [start, end) of `points`, which are as received; undefined where there are none. */
export function asReceived(
  view: SeriesView,
  points: Points,
  start: number,
  end: number,
): Series | undefined {
  if (end <= start) return undefined
  // A counter's totals go on from the first of `points`.
  const all = seriesOf(view, { level: 0, gridMs: 0, points: sliced(points, 0, end) }, {})
  return {
    ...all,
    t: all.t.subarray(start, end),
    last: all.last.subarray(start, end),
    min: all.min.subarray(start, end),
    max: all.max.subarray(start, end),
    mean: all.mean.subarray(start, end),
    count: all.count.subarray(start, end),
    estimated: all.estimated.subarray(start, end),
  }
}

function gridFor(view: SeriesView, { from, to, maxPoints }: Drawing): Gridded {
  const top = topLevel(view.grids)
  for (let level = 0; level <= top; level++) {
    const width = gridOf(view.grids, level)
    const [start, end] = aligned(from, to, width)
    // So few cells need no count, for which the chunks at both ends would be decoded.
    if (level > 0 && (end - start) / width < maxPoints / 2)
      return refined(view, level, from, to, maxPoints)
    const count = countOf(view, level, start, end, maxPoints)
    if (count > maxPoints && level < top) continue
    if (level === 0) return { level, gridMs: 0, points: pointsOf(view, 0, from, to) }
    return count >= maxPoints / 2
      ? coarsened(view, level, from, to, maxPoints)
      : refined(view, level, from, to, maxPoints)
  }
  throw new RangeError('There is no level above the top one.')
}

/** From the coarsest level whose cells make up those of the grid. */
function givenGrid(view: SeriesView, gridMs: number, from: number, to: number): Gridded {
  if (gridMs === 0) return { level: 0, gridMs, points: pointsOf(view, 0, from, to) }
  const level = view.grids.findLastIndex((width) => width === 0 || gridMs % width === 0)
  return { level, gridMs, points: onGrid(view, level, gridMs, from, to) }
}

/** The level itself, or where even it has too many cells, as many of them in one as it takes. */
function coarsened(
  view: SeriesView,
  level: number,
  from: number,
  to: number,
  maxPoints: number,
): Gridded {
  for (let gridMs = gridOf(view.grids, level); ; gridMs *= 2) {
    const points = onGrid(view, level, gridMs, from, to)
    if (points.length <= maxPoints || gridMs > to - from) return { level, gridMs, points }
  }
}

/** A grid between the level below, which has too many, and this one, which has less than half of what may be. */
function refined(
  view: SeriesView,
  level: number,
  from: number,
  to: number,
  maxPoints: number,
): Gridded {
  const below = level - 1
  const [start, end] = aligned(from, to, gridOf(view.grids, level))
  if (below === 0 && countOf(view, 0, start, end, maxPoints * MAX_READ_PER_BUCKET) === Infinity)
    return coarsened(view, level, from, to, maxPoints)
  const finest = pointsOf(view, below, start, end)
  const gridMs = gridsBelow(view.grids, level).find(
    (grid) => countCells(between(finest, ...aligned(from, to, grid)), grid) <= maxPoints,
  )
  if (gridMs === undefined) return coarsened(view, level, from, to, maxPoints)
  const points = regridded(between(finest, ...aligned(from, to, gridMs)), view.type, gridMs)
  return { level: below, gridMs, points }
}

/** Those that the level below can be put on, finest first. */
function gridsBelow(grids: Grids, level: number): readonly number[] {
  const finest = level === 1 ? SECOND_MS : gridOf(grids, level - 1)
  const doubled: number[] = []
  for (let gridMs = finest; gridMs < gridOf(grids, level); gridMs *= 2) doubled.push(gridMs)
  return level === 1 ? [...SUBSECOND_GRIDS_MS, ...doubled] : doubled
}

function onGrid(view: SeriesView, level: number, gridMs: number, from: number, to: number): Points {
  const points = pointsOf(view, level, ...aligned(from, to, gridMs))
  return gridMs === gridOf(view.grids, level) ? points : regridded(points, view.type, gridMs)
}

/** A cell that the range touches is drawn whole, so that it looks the same from every range. */
const aligned = (from: number, to: number, gridMs: number): [number, number] =>
  gridMs === 0 ? [from, to] : [cellStart(from, gridMs), cellEnd(to, gridMs)]

function seriesOf(
  view: SeriesView,
  { level, gridMs, points }: Gridded,
  { rate, smooth }: Partial<Drawing>,
): Series {
  const columns = view.type === 'counter' ? totals(view, points) : values(points)
  const { name, type } = view
  if (!isMetricName(name)) throw new TypeError(`A series has the name "${name}".`)
  const series = {
    name,
    type,
    level,
    gridMs,
    t: points.t,
    ...columns,
    count: points.count,
    estimated: points.estimated,
  }
  return {
    ...series,
    ...(rate && { rate: ratesOf(series, points.last) }),
    ...(smooth !== undefined && { smooth: smoothed(series, smooth) }),
  }
}

type Values = Pick<Series, 'last' | 'min' | 'max' | 'mean'>

function values({ last, min, max, sum, count }: Points): Values {
  return { last, min, max, mean: sum.map((value, i) => value / (count[i] ?? 1)) }
}

/** A counter's buckets are relative to the total before them. */
function totals(view: SeriesView, points: Points): Values {
  const { length, sum, count } = points
  const column = (): Float64Array => new Float64Array(length)
  const [last, min, max, mean] = [column(), column(), column(), column()]
  let total = totalBefore(view, points.t[0] ?? 0)
  for (let i = 0; i < length; i++) {
    const { hi, lo } = total
    min[i] = hi + ((points.min[i] ?? 0) + lo)
    max[i] = hi + ((points.max[i] ?? 0) + lo)
    mean[i] = hi + ((sum[i] ?? 0) / (count[i] ?? 1) + lo)
    total = plus(total, points.last[i] ?? 0, points.carry[i] ?? 0)
    last[i] = total.hi
  }
  return { last, min, max, mean }
}

/** Counter: over the bucket, or since the point before. Gauge: since the one before. */
function ratesOf(
  { type, gridMs, t, last }: Pick<Series, 'type' | 'gridMs' | 't' | 'last'>,
  increments: Float64Array,
): Float64Array {
  return t.map((time, i) => {
    const since = (time - (t[i - 1] ?? Number.NaN)) / 1000
    if (type === 'counter') return rateOf(increments[i] ?? 0, gridMs > 0 ? gridMs / 1000 : since)
    return rateOf((last[i] ?? 0) - (last[i - 1] ?? 0), since)
  })
}

const rateOf = (change: number, seconds: number): number =>
  seconds > 0 ? change / seconds : Number.NaN

/** A moving average whose past fades with time, not with points: by `weight` over the mean distance of two. */
function smoothed({ t, last }: Pick<Series, 't' | 'last'>, weight: number): Float64Array {
  const meanMs = ((t.at(-1) ?? 0) - (t[0] ?? 0)) / Math.max(1, t.length - 1)
  let average = last[0] ?? 0
  return last.map((value, i) => {
    const elapsedMs = i === 0 ? 0 : (t[i] ?? 0) - (t[i - 1] ?? 0)
    const past = meanMs > 0 ? weight ** (elapsedMs / meanMs) : weight
    if (i > 0) average = past * average + (1 - past) * value
    return average
  })
}
