/**
 * What stretch of time a chart shows. It belongs to the person: `live` slides with the clock, `fixed` never moves, whatever
 * new data arrive.
 */
export type ChartRange =
  | { readonly kind: 'all' }
  | { readonly kind: 'live'; readonly span: LiveSpan }
  | { readonly kind: 'fixed'; readonly from: number; readonly to: number }

const LIVE_SPANS = ['1m', '5m', '1h'] as const
type LiveSpan = (typeof LIVE_SPANS)[number]

export const ALL: ChartRange = { kind: 'all' }

const SPAN_MS: Readonly<Record<LiveSpan, number>> = { '1m': 60_000, '5m': 300_000, '1h': 3_600_000 }

/** No zoom goes below this: a tenth of a second has nothing to see but one point. */
const MIN_SPAN_MS = 100
/** A job of one sample still gets an axis. */
const MIN_WHOLE_MS = 10_000

/** [from, to) in unix ms. */
export interface TimeSpan {
  readonly from: number
  readonly to: number
}

/** Reads the `range` of a URL. What is no range at all is All: a bad link still shows the job. */
export function parseRange(text: unknown): ChartRange {
  if (typeof text !== 'string') return ALL
  const span = LIVE_SPANS.find((each) => text === `live:${each}`)
  if (span !== undefined) return { kind: 'live', span }
  const [, from = '', to = ''] = /^fixed:(\d{1,15})-(\d{1,15})$/.exec(text) ?? []
  if (from === '' || Number(to) <= Number(from)) return ALL
  return { kind: 'fixed', from: Number(from), to: Number(to) }
}

export function formatRange(range: ChartRange): string {
  switch (range.kind) {
    case 'all':
      return 'all'
    case 'live':
      return `live:${range.span}`
    case 'fixed':
      return `fixed:${Math.round(range.from)}-${Math.round(range.to)}`
  }
}

/** The span that a range means now. `whole` is the life of the job so far. */
export function spanOf(range: ChartRange, whole: TimeSpan): TimeSpan {
  switch (range.kind) {
    case 'all':
      return { from: whole.from, to: Math.max(whole.to, whole.from + MIN_WHOLE_MS) }
    case 'live': {
      const spanMs = SPAN_MS[range.span]
      const to = Math.max(whole.to, whole.from + Math.min(spanMs, MIN_WHOLE_MS))
      // A preset longer than the job shows all of it.
      return { from: Math.max(whole.from, to - spanMs), to }
    }
    case 'fixed':
      return { from: range.from, to: range.to }
  }
}

/** A range as dragged: no shorter than MIN_SPAN_MS, inside the job. */
export function fixedRange(from: number, to: number, whole: TimeSpan): ChartRange {
  const middle = (from + to) / 2
  const halfMs = Math.max(MIN_SPAN_MS, to - from) / 2
  const start = Math.max(Math.min(whole.from, from + halfMs), middle - halfMs)
  return { kind: 'fixed', from: Math.round(start), to: Math.round(middle + halfMs) }
}

/** `factor` below 1 zooms in; the time `at` stays where it is on screen. Never wider than the job. */
export function zoomed(span: TimeSpan, at: number, factor: number, whole: TimeSpan): ChartRange {
  const from = Math.max(whole.from, at - (at - span.from) * factor)
  const to = Math.min(whole.to, at + (span.to - at) * factor)
  if (from <= whole.from && to >= whole.to) return ALL
  return fixedRange(from, to, whole)
}

/** The same width, moved by `byMs` and held inside the job. */
export function panned(span: TimeSpan, byMs: number, whole: TimeSpan): ChartRange {
  const widthMs = span.to - span.from
  const latest = Math.max(whole.from, whole.to - widthMs)
  const from = Math.min(latest, Math.max(whole.from, span.from + byMs))
  return { kind: 'fixed', from: Math.round(from), to: Math.round(from + widthMs) }
}
