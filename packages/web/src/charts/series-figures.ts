import { medianIntervalMs } from './line-breaks.ts'
import { lowerBound, type SeriesView } from './series-columns.ts'

/** A counter's pace is that of its last minute, or of its last few points where they are slower than that. */
const RATE_OVER_MS = 60_000
const RATE_POINTS = 5

/** How fast the value changed of late, a second; undefined where there are fewer than two points. */
export function recentRate({ t, last, length }: SeriesView): number | undefined {
  const end = length - 1
  const endT = t[end] ?? 0
  const first = Math.max(
    0,
    Math.min(lowerBound(t, length, endT - RATE_OVER_MS), end - RATE_POINTS + 1),
  )
  const overMs = endT - (t[first] ?? 0)
  return end < 1 || overMs <= 0
    ? undefined
    : (((last[end] ?? 0) - (last[first] ?? 0)) * 1000) / overMs
}

/** The usual time between two samples: the points' own, where they are as received. */
export function samplesEveryMs(view: SeriesView, samples: number): number | undefined {
  const { t, length } = view
  if (samples < 2 || length < 2) return undefined
  const overMs = (t[length - 1] ?? 0) - (t[0] ?? 0)
  if (view.gridMs > 0 || samples > length) return overMs / (samples - 1)
  return medianIntervalMs(t, 0, length)
}
