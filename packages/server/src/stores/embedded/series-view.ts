import type { MetricType } from '@plotline/api'
import { plus, ZERO, type ExactSum } from './exact-sum.ts'
import { countCells, rangesOf, regridded } from './fold.ts'
import type { JobFile } from './job-file.ts'
import { CHUNK_POINTS, gridOf, type Grids } from './levels.ts'
import {
  between,
  indexOfTime,
  mergedByTime,
  NO_POINTS,
  PointsBuilder,
  type Points,
} from './points.ts'
import { storedPoints, storedTotalBefore, sumOfLast } from './stored-points.ts'

/** One series as it will be once everything fresh is sealed: what is stored and what is not yet. */
export interface SeriesView {
  readonly name: string
  readonly type: MetricType
  readonly stored: { readonly file: JobFile; readonly id: number } | undefined
  readonly grids: Grids
  /** Ticks not sealed yet and batches not committed yet, in order of time. */
  readonly fresh: Points
}

/** Points (level 0) or the cells of a level, in [from, to), which are multiples of the level's grid. */
export function pointsOf(view: SeriesView, level: number, from: number, to: number): Points {
  const stored = view.stored
    ? storedPoints(view.stored.file, view.stored.id, level, from, to)
    : NO_POINTS
  const fresh = between(view.fresh, from, to)
  if (fresh.length === 0) return stored
  if (level === 0) return mergedByTime(stored, fresh)
  if (!view.stored) return regridded(fresh, view.type, gridOf(view.grids, level))
  return mergedByTime(stored, touchedCells(view, level, fresh), true)
}

/** The cells of `level` that fresh points fall into, and some between, computed from all of the level below. */
function touchedCells(view: SeriesView, level: number, fresh: Points): Points {
  const gridMs = gridOf(view.grids, level)
  const cells = new PointsBuilder()
  for (const [from, to] of rangesOf(fresh, gridMs))
    cells.append(regridded(pointsOf(view, level - 1, from, to), view.type, gridMs))
  return cells.finish()
}

/** A counter's exact total of everything before the time `t`. */
export function totalBefore({ stored, fresh }: SeriesView, t: number): ExactSum {
  const start = stored ? storedTotalBefore(stored.file, stored.id, t) : ZERO
  const { hi, lo } = sumOfLast(fresh, 0, indexOfTime(fresh, t), ZERO)
  return plus(start, hi, lo)
}

/**
 * How many points or cells `pointsOf` gives; Infinity where they are more than `limit`. Where late points fall into stored cells
 * it may count these twice, never too few.
 */
export function countOf(
  view: SeriesView,
  level: number,
  from: number,
  to: number,
  limit: number,
): number {
  const fresh = between(view.fresh, from, to)
  const freshCount = level === 0 ? fresh.length : countCells(fresh, gridOf(view.grids, level))
  const count = freshCount + storedCount(view, level, from, to, limit)
  return count <= limit ? count : Infinity
}

function storedCount(
  { stored }: SeriesView,
  level: number,
  from: number,
  to: number,
  limit: number,
): number {
  if (!stored) return 0
  // Inner chunks hold 1024 at least, so that this many must be too many.
  const tooMany = Math.ceil(limit / CHUNK_POINTS) + 3
  const chunks = stored.file.chunks(stored.id, level, from, to, tooMany)
  if (chunks.length >= tooMany) return Infinity
  const inner = chunks.filter(({ t0, t1 }) => t0 >= from && t1 < to)
  const innerCount = inner.reduce((count, { points }) => count + points, 0)
  if (innerCount > limit) return Infinity
  return chunks
    .filter((chunk) => !inner.includes(chunk))
    .reduce(
      (count, chunk) => count + between(stored.file.points(chunk) ?? NO_POINTS, from, to).length,
      innerCount,
    )
}
