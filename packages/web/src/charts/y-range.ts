/** [low, high] of an axis. */
export type YRange = readonly [low: number, high: number]

const PADDING = 0.08
/** How long a wider axis stays after the data became narrower, so that it does not jitter. */
const SHRINK_AFTER_MS = 3000

/** The axis for values from `min` to `max`, with some air; a flat line lies in the middle of it. */
export function yRange(min: number, max: number, includeZero: boolean): YRange {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return [0, 1]
  const low = includeZero ? Math.min(0, min) : min
  const high = includeZero ? Math.max(0, max) : max
  if (low === high) {
    const half = low === 0 ? 1 : Math.abs(low) * 0.1
    return [low - half, high + half]
  }
  const air = (high - low) * PADDING
  return [includeZero && low === 0 ? 0 : low - air, includeZero && high === 0 ? 0 : high + air]
}

/** An axis over time: it grows at once and shrinks only when the data have been narrower for a while. */
export function createSteadyYRange(): (wanted: YRange, nowMs: number, reset: boolean) => YRange {
  let shown: YRange | undefined
  let narrowSince: number | undefined

  return (wanted, nowMs, reset) => {
    if (shown === undefined || reset) {
      narrowSince = undefined
      return (shown = wanted)
    }
    const [low, high] = shown
    if (wanted[0] <= low && wanted[1] >= high) {
      narrowSince = undefined
      return (shown = wanted)
    }
    narrowSince ??= nowMs
    if (nowMs - narrowSince >= SHRINK_AFTER_MS) {
      narrowSince = undefined
      return (shown = wanted)
    }
    return (shown = [Math.min(low, wanted[0]), Math.max(high, wanted[1])])
  }
}
