import type { MetricSummary } from '@plotline/api'
import type { ChartDeck } from './chart-deck.tsx'
import { onThemeChange } from './chart-colours.ts'
import { createMetricPlot } from './metric-plot.ts'
import { createNavigator, type NavigatorParts } from './navigator.ts'
import { fixedRange, formatRange, spanOf, zoomed, type ChartRange, type TimeSpan } from './range.ts'
import { recentRate, samplesEveryMs } from './series-figures.ts'
import { lowerBound, type SeriesView } from './series-columns.ts'
import { formatAgo, formatClock, formatInterval, formatMoment } from './time-format.ts'
import { countOf, formatRate, formatValue } from './value-format.ts'

/** The elements of a chart that its data fill, past React. */
export interface ChartElements {
  readonly card: HTMLElement
  readonly plot: HTMLElement
  readonly readout: HTMLElement
  readonly kind: HTMLElement
  readonly last: HTMLElement
  readonly figures: HTMLElement
  readonly stale: HTMLElement
  readonly footer: HTMLElement
  readonly spoken: HTMLElement
  readonly navigator: Omit<NavigatorParts, 'place' | 'onRange'>
}

export interface MetricCanvas {
  readonly setRange: (range: ChartRange) => void
  /** Moves the cursor by so many points: the arrow keys. */
  readonly stepCursor: (by: number) => void
  readonly zoomBy: (factor: number) => void
  readonly clearCursor: () => void
  readonly requestDraw: () => void
  /** The points on screen, for a table. */
  readonly shown: () => { readonly view: SeriesView; readonly span: TimeSpan } | undefined
  readonly destroy: () => void
}

/** Heard by whoever measures how long a sample takes to the screen. */
declare global {
  interface WindowEventMap {
    'plotline:drawn': CustomEvent<{
      readonly name: string
      readonly t: number
      readonly last: number
    }>
  }
}

const STALE_AFTER_MS = 60_000
const SPEAK_AFTER_MS = 250
/** A silence of so many usual intervals is no longer usual. */
const STALE_INTERVALS = 5

/** One chart from its points to its pixels and numbers: both change in the same frame, from the same message. */
export function createMetricCanvas(
  deck: ChartDeck,
  name: string,
  place: number,
  elements: ChartElements,
  onRange: (range: ChartRange) => void,
): MetricCanvas {
  const { feed } = deck
  const track = feed.track(name)
  let range: ChartRange = { kind: 'all' }
  let shown: { view: SeriesView; span: TimeSpan } | undefined
  let cursor: number | undefined
  let drawnT = Number.NEGATIVE_INFINITY
  let drawnLast = Number.NaN
  let refinedFor = ''
  let speakTimer: ReturnType<typeof setTimeout> | undefined
  // Asked of the page only when it changed: between the writes of many charts each question is a layout.
  let widthPx = elements.plot.clientWidth

  const plot = createMetricPlot({
    host: elements.plot,
    width: widthPx,
    height: elements.plot.clientHeight,
    place,
    cursorKey: deck.jobId,
    now: feed.now,
    onSelect: (from, to) => onRange(fixedRange(from, to, whole())),
    onReset: () => onRange({ kind: 'all' }),
    onZoom: (at, factor) => onRange(zoomed(spanNow(), at, factor, whole())),
    onCursor: showReadout,
  })
  const navigator = createNavigator({ ...elements.navigator, place, onRange })
  const drawn = deck.loop.add(draw)
  const unwatch = feed.watch(name, drawn.request)
  const resizing = new ResizeObserver(() => {
    widthPx = elements.plot.clientWidth
    plot.resize(widthPx, elements.plot.clientHeight)
    navigator.resize()
    drawn.requestNow()
  })
  resizing.observe(elements.plot)
  const stopTheme = onThemeChange(() => {
    plot.recolour()
    navigator.recolour()
  })
  drawn.requestNow()

  return {
    setRange(next) {
      range = next
      drawn.requestNow()
    },
    stepCursor,
    zoomBy(factor) {
      const { from, to } = spanNow()
      const t = cursor === undefined ? undefined : shown?.view.t[cursor]
      onRange(zoomed({ from, to }, t ?? (from + to) / 2, factor, whole()))
    },
    clearCursor: () => plot.setCursor(undefined),
    requestDraw: drawn.request,
    shown: () => shown,
    destroy() {
      clearTimeout(speakTimer)
      unwatch()
      drawn.remove()
      resizing.disconnect()
      stopTheme()
      navigator.destroy()
      plot.destroy()
    },
  }

  function draw(): void {
    const life = whole()
    const span = plot.isHeld() && shown !== undefined ? shown.span : spanOf(range, life)
    const view = track.viewOf(span)
    shown = { view, span }
    const summary = track.summary()
    plot.draw({
      view,
      span,
      includeZero: summary?.type === 'counter',
      lossMarks: deck.lossMarks(),
    })
    navigator.draw(track.whole(), spanOf({ kind: 'all' }, life), span)
    if (summary !== undefined) writeNumbers(summary, span)
    refine(span)
    tellDrawn(view)
  }

  function writeNumbers(summary: MetricSummary, span: TimeSpan): void {
    const { type, last, samples, lastAt } = summary
    const points = track.whole()
    const kind = type === 'counter' ? 'counter · total' : (type ?? '')
    write(elements.kind, kind)
    write(elements.last, samples === 0 ? '' : `last ${formatValue(last)}`)
    write(elements.figures, samples === 0 ? '' : figuresOf(summary))
    const everyMs = samplesEveryMs(points, samples)
    write(elements.footer, footerOf(samples, everyMs, span))
    writeStale(lastAt, everyMs)
    elements.card.setAttribute('aria-label', nameOf(summary, kind, span))
  }

  function figuresOf({ type, min, max }: MetricSummary): string {
    if (type !== 'counter') return `min ${formatValue(min)} · max ${formatValue(max)}`
    const rate = recentRate(track.whole())
    return rate === undefined ? '' : formatRate(rate)
  }

  function footerOf(samples: number, everyMs: number | undefined, span: TimeSpan): string {
    const pixelMs = (span.to - span.from) / Math.max(1, widthPx)
    return [
      countOf(samples, 'sample'),
      ...(everyMs === undefined ? [] : [`1 per ${formatInterval(everyMs)}`]),
      `1 px = ${formatInterval(pixelMs)}`,
      ...(feed.snapshot().status?.batched === true ? ['arrives in batches'] : []),
      ...(track.isEstimated() ? ['times estimated'] : []),
    ].join(' · ')
  }

  function writeStale(lastAt: number | null, everyMs = 0): void {
    const silentMs = lastAt === null || !deck.isRunning() ? 0 : feed.now() - lastAt
    const isStale = silentMs > Math.max(STALE_AFTER_MS, STALE_INTERVALS * everyMs)
    write(elements.stale, isStale ? `last sample ${formatAgo(silentMs)}` : '')
    elements.stale.hidden = !isStale
  }

  function nameOf(summary: MetricSummary, kind: string, span: TimeSpan): string {
    const { last, lastAt } = summary
    const words = [name, ...kind.split(' · ').filter((word) => word !== '')]
    if (lastAt !== null) words.push(`last ${formatValue(last)} at ${formatClock(lastAt)}`)
    words.push(`range ${formatMoment(span.from, span.to)}–${formatClock(span.to)}`)
    return words.join(', ')
  }

  function refine(span: TimeSpan): void {
    const key = `${formatRange(range)} ${widthPx} ${track.whole().coarseUntil}`
    if (key === refinedFor) return
    refinedFor = key
    feed.refine(name, span, widthPx)
  }

  function tellDrawn({ t, last, length }: SeriesView): void {
    const lastT = t[length - 1] ?? Number.NEGATIVE_INFINITY
    const value = last[length - 1] ?? Number.NaN
    if (lastT < drawnT || (lastT === drawnT && value === drawnLast) || length === 0) return
    drawnT = lastT
    drawnLast = value
    window.dispatchEvent(
      new CustomEvent('plotline:drawn', { detail: { name, t: lastT, last: value } }),
    )
  }

  function showReadout(index: number | undefined, leftPx: number): void {
    cursor = index
    const { readout } = elements
    const view = shown?.view
    if (index === undefined || view === undefined || index >= view.length) {
      readout.hidden = true
      return
    }
    const t = view.t[index] ?? 0
    const count = view.count[index] ?? 1
    const rest =
      count > 1
        ? `min ${formatValue(view.min[index])} · max ${formatValue(view.max[index])} · n ${formatValue(count)}`
        : ''
    const [time, value, more] = readout.children
    write(time, formatMoment(t, whole().to))
    write(value, formatValue(view.last[index]))
    write(more, rest)
    readout.hidden = false
    const isRight = leftPx > widthPx / 2
    readout.style.left = isRight ? '' : `${leftPx + 12}px`
    readout.style.right = isRight ? `${widthPx - leftPx + 12}px` : ''
  }

  function stepCursor(by: number): void {
    if (shown === undefined) return
    const { view, span } = shown
    const first = lowerBound(view.t, view.length, span.from)
    const last = lowerBound(view.t, view.length, span.to, true) - 1
    if (last < first) return
    const next = cursor === undefined ? (by < 0 ? last : first) : cursor + by
    const index = Math.min(last, Math.max(first, next))
    plot.setCursor(index)
    clearTimeout(speakTimer)
    speakTimer = setTimeout(() => {
      write(elements.spoken, `${formatClock(view.t[index] ?? 0)}, ${formatValue(view.last[index])}`)
    }, SPEAK_AFTER_MS)
  }

  function spanNow(): TimeSpan {
    return shown?.span ?? spanOf(range, whole())
  }

  function whole(): TimeSpan {
    const { t, length } = track.whole()
    return deck.whole(t[0], t[length - 1])
  }
}

function write(element: Element | undefined, text: string): void {
  if (element !== undefined && element.textContent !== text) element.textContent = text
}
