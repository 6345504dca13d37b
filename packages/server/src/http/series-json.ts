import type { SeriesJson } from '@plotline/api'
import type { Series } from '../metrics/metric-store.ts'

/** Columns as plain arrays. JSON has no NaN: a rate that cannot be told is null. */
export function seriesJson(series: Series): SeriesJson {
  const { name, type, level, gridMs, t, last, min, max, mean, count, rate, smooth, estimated } =
    series
  return {
    name,
    type,
    level,
    gridMs,
    t: Array.from(t),
    last: Array.from(last),
    min: Array.from(min),
    max: Array.from(max),
    mean: Array.from(mean),
    count: Array.from(count),
    ...(rate && { rate: Array.from(rate, (value) => (Number.isNaN(value) ? null : value)) }),
    ...(smooth && { smooth: Array.from(smooth) }),
    ...(estimated.includes(1) && { estimated: Array.from(estimated) }),
  }
}
