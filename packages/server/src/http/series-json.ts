import type { SeriesJson } from '@plotline/api'
import type { Series } from '../metrics/metric-store.ts'
import { plainColumns } from '../metrics/plain-columns.ts'

/** JSON has no NaN: a rate that cannot be told is null. */
export function seriesJson(series: Series): SeriesJson {
  const { name, type, level, gridMs, rate, smooth } = series
  return {
    name,
    type,
    level,
    gridMs,
    ...plainColumns(series),
    ...(rate && { rate: Array.from(rate, (value) => (Number.isNaN(value) ? null : value)) }),
    ...(smooth && { smooth: Array.from(smooth) }),
  }
}
