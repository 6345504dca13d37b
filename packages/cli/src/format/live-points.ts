import type { LiveSeries } from '@plotline/api'

export interface Point {
  readonly t: number
  readonly last: number
  /** Above 1: a second that got so many samples that it is one bucket, from `min` to `max`. */
  readonly count: number
  readonly min: number
  readonly max: number
}

/**
 * Tells which points of an update are news. Updates replace what was told at and after their `from`, so that the last point may
 * come again, grown; it is told again only when it changed.
 */
export function openPointNews(): (update: LiveSeries) => readonly Point[] {
  const told = new Map<string, Point>()
  return (update) => {
    const points = pointsOf(update)
    const last = told.get(update.name)
    const end = points.at(-1)
    if (end === undefined) return []
    told.set(update.name, end)
    if (last === undefined) return points
    const fresh = points.filter((point) => point.t > last.t)
    if (fresh.length > 0) return fresh
    return end.t === last.t && end.last === last.last && end.count === last.count ? [] : [end]
  }
}

export function pointsOf({
  t,
  last,
  count,
  min,
  max,
}: Pick<LiveSeries, 't' | 'last' | 'count' | 'min' | 'max'>): Point[] {
  return t.map((time, at) => ({
    t: time,
    last: last[at] ?? NaN,
    count: count[at] ?? 1,
    min: min[at] ?? NaN,
    max: max[at] ?? NaN,
  }))
}
