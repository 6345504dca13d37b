import type { LiveSeries, MetricSummary, SeriesJson } from '@plotline/api'
import type { TimeSpan } from './range.ts'
import {
  createSeriesColumns,
  lowerBound,
  type SeriesColumns,
  type SeriesView,
} from './series-columns.ts'

/** What the page holds of one metric: the whole job at the resolution of a screen, and in finer steps the span last zoomed to. */
export interface MetricTrack {
  readonly name: string
  readonly summary: () => MetricSummary | undefined
  /** The finest points at hand for the span. */
  readonly viewOf: (span: TimeSpan) => SeriesView
  readonly whole: () => SeriesView
  readonly isEstimated: () => boolean
  readonly isOverfull: () => boolean
  /** Whether the span deserves points that are not here yet, on a chart that many pixels wide. */
  readonly wantsDetail: (span: TimeSpan, widthPx: number) => boolean
  readonly applyLive: (series: LiveSeries) => void
  /** `readAt`: the server's time when the read began. */
  readonly setWhole: (series: SeriesJson | undefined, readAt: number) => void
  /** `span.to` Infinity: the detail reaches the present and goes on with live points. */
  readonly setDetail: (series: SeriesJson | undefined, span: TimeSpan, readAt: number) => void
  readonly setSummary: (summary: MetricSummary) => void
  readonly forgetDetail: () => void
}

/** A chart with at least this many points a pixel shows all there is to see. */
const ENOUGH_PER_PX = 1

const NO_POINTS: SeriesJson = {
  name: '',
  type: 'gauge',
  level: 0,
  gridMs: 0,
  t: [],
  last: [],
  min: [],
  max: [],
  mean: [],
  count: [],
}

export function createMetricTrack(name: string): MetricTrack {
  const whole = createSeriesColumns()
  let detail: { readonly span: TimeSpan; readonly columns: SeriesColumns } | undefined
  let summary: MetricSummary | undefined
  let isEstimated = false

  return {
    name,
    summary: () => summary,
    viewOf: (span) => coveringDetail(span) ?? whole.view(),
    whole: whole.view,
    isEstimated: () => isEstimated,
    isOverfull: whole.isOverfull,
    wantsDetail(span, widthPx) {
      const shown = coveringDetail(span) ?? whole.view()
      if (shown.gridMs === 0 || span.from >= shown.coarseUntil) return false
      return countIn(shown, span) < ENOUGH_PER_PX * widthPx
    },
    applyLive(series) {
      whole.replaceFrom(series.from, series)
      if (detail?.span.to === Number.POSITIVE_INFINITY)
        detail.columns.replaceFrom(series.from, series)
      summary = series.summary
      noteEstimated(series)
    },
    setWhole(series = NO_POINTS, readAt) {
      whole.setPast(series, series.gridMs, readAt)
      noteEstimated(series)
    },
    setDetail(series = NO_POINTS, span, readAt) {
      const columns = createSeriesColumns()
      const { t, last, min, max, mean, count, coarseUntil } = whole.view()
      // What came in while the read was on its way is in the whole already, as received.
      const fresh = lowerBound(t, t.length, Math.max(coarseUntil, readAt))
      if (span.to === Number.POSITIVE_INFINITY)
        columns.replaceFrom(readAt, {
          t: t.subarray(fresh),
          last: last.subarray(fresh),
          min: min.subarray(fresh),
          max: max.subarray(fresh),
          mean: mean.subarray(fresh),
          count: count.subarray(fresh),
        })
      columns.setPast(series, series.gridMs, readAt)
      detail = { span, columns }
      noteEstimated(series)
    },
    setSummary(next) {
      // A summary that was asked for may come after a live one that is newer.
      if (summary === undefined || next.samples >= summary.samples) summary = next
    },
    forgetDetail() {
      detail = undefined
    },
  }

  function coveringDetail({ from, to }: TimeSpan): SeriesView | undefined {
    if (detail === undefined || from < detail.span.from || to > detail.span.to) return undefined
    const view = detail.columns.view()
    // A long watch drops the oldest points of a detail; then the whole has to do until it is read again.
    return detail.columns.dropped() > 0 && (view.t[0] ?? 0) > from ? undefined : view
  }

  function noteEstimated({ estimated }: Pick<SeriesJson, 'estimated'>): void {
    if (estimated?.includes(1) === true) isEstimated = true
  }
}

function countIn({ t, length }: SeriesView, { from, to }: TimeSpan): number {
  return lowerBound(t, length, to) - lowerBound(t, length, from)
}
