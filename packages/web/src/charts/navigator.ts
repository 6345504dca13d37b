import { readColours } from './chart-colours.ts'
import { breakLimits } from './line-breaks.ts'
import { traceBand, traceLine } from './line-path.ts'
import { ALL, fixedRange, panned, type ChartRange, type TimeSpan } from './range.ts'
import type { SeriesView } from './series-columns.ts'
import { formatMoment } from './time-format.ts'

export interface Navigator {
  readonly draw: (view: SeriesView, whole: TimeSpan, span: TimeSpan) => void
  /** Its frame has another size now. */
  readonly resize: () => void
  readonly recolour: () => void
  readonly destroy: () => void
}

export interface NavigatorParts {
  readonly frame: HTMLElement
  readonly canvas: HTMLCanvasElement
  readonly pane: HTMLElement
  readonly left: HTMLElement
  readonly right: HTMLElement
  readonly place: number
  readonly onRange: (range: ChartRange) => void
}

type Grip = 'pane' | 'left' | 'right'

/** Grips never come closer than this, or they could not be told apart. */
const MIN_PANE_PX = 6
const KEY_STEP = 0.02
const KEY_LEAP = 0.1
const AIR = 0.12

/** The strip under a chart: the whole job in small, with the span above as a pane between two handles. */
export function createNavigator(parts: NavigatorParts): Navigator {
  const { frame, canvas, pane, left, right, onRange } = parts
  let colours = readColours(frame, parts.place)
  let drawn: { view: SeriesView; whole: TimeSpan; span: TimeSpan } | undefined
  let grabbed: { grip: Grip; startX: number; span: TimeSpan } | undefined
  let size = sizeOf(canvas)
  const stop = new AbortController()

  for (const [grip, element] of [
    ['pane', pane],
    ['left', left],
    ['right', right],
  ] as const) {
    element.addEventListener('pointerdown', (event) => grab(event, grip, element), stop)
    element.addEventListener('pointermove', drag, stop)
    element.addEventListener('pointerup', release, stop)
    element.addEventListener('pointercancel', release, stop)
    if (grip !== 'pane') element.addEventListener('keydown', (event) => press(event, grip), stop)
  }
  frame.addEventListener('pointerdown', jump, stop)
  frame.addEventListener('dblclick', () => onRange(ALL), stop)

  return {
    draw(view, whole, span) {
      // The pane moves with every frame of a drag; the picture under it only when points or time went on.
      const isSame =
        drawn?.view === view && drawn.whole.from === whole.from && drawn.whole.to === whole.to
      drawn = { view, whole, span }
      if (!isSame) paint(view, whole)
      place(whole, span)
    },
    resize() {
      size = sizeOf(canvas)
      if (drawn !== undefined) paint(drawn.view, drawn.whole)
    },
    recolour() {
      colours = readColours(frame, parts.place)
      if (drawn !== undefined) paint(drawn.view, drawn.whole)
    },
    destroy: () => stop.abort(),
  }

  function paint(view: SeriesView, whole: TimeSpan): void {
    const { width, height, ratio } = size
    const ctx = canvas.getContext('2d')
    if (ctx === null || width === 0) return
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
    }
    ctx.clearRect(0, 0, width, height)
    const [low, high] = extremes(view)
    const air = height * AIR
    const scales = {
      x: (t: number) => ((t - whole.from) / (whole.to - whole.from)) * width,
      y: (value: number) =>
        high === low
          ? height / 2
          : height - air - ((value - low) / (high - low)) * (height - 2 * air),
    }
    const limits = breakLimits(view)
    const all = [0, view.length] as const
    ctx.beginPath()
    traceBand(ctx, view, all, limits, scales)
    ctx.fillStyle = colours.band
    ctx.fill()
    ctx.beginPath()
    traceLine(ctx, view, all, limits, scales)
    ctx.strokeStyle = colours.line
    ctx.lineWidth = ratio
    ctx.stroke()
  }

  function place(whole: TimeSpan, span: TimeSpan): void {
    const wholeMs = whole.to - whole.from
    const from = clamp((span.from - whole.from) / wholeMs)
    const to = clamp((span.to - whole.from) / wholeMs)
    frame.style.setProperty('--from', String(from))
    frame.style.setProperty('--to', String(to))
    describe(left, span.from, from, whole)
    describe(right, span.to, to, whole)
  }

  function grab(event: PointerEvent, grip: Grip, element: HTMLElement): void {
    if (drawn === undefined || event.button !== 0) return
    event.stopPropagation()
    element.setPointerCapture(event.pointerId)
    grabbed = { grip, startX: event.clientX, span: drawn.span }
  }

  function drag(event: PointerEvent): void {
    if (grabbed === undefined || drawn === undefined) return
    const byMs = (event.clientX - grabbed.startX) * msPerPx(drawn.whole)
    move(grabbed.grip, grabbed.span, byMs)
  }

  function release(): void {
    grabbed = undefined
  }

  /** A press beside the pane brings it there. */
  function jump(event: PointerEvent): void {
    if (drawn === undefined || event.button !== 0) return
    const { whole, span } = drawn
    const at = whole.from + (event.clientX - frame.getBoundingClientRect().left) * msPerPx(whole)
    onRange(panned(span, at - (span.from + span.to) / 2, whole))
  }

  function press(event: KeyboardEvent, grip: Grip): void {
    if (drawn === undefined) return
    const { whole, span } = drawn
    const wholeMs = whole.to - whole.from
    const stepMs = wholeMs * (event.shiftKey ? KEY_LEAP : KEY_STEP)
    const byMs = { ArrowLeft: -stepMs, ArrowRight: stepMs, Home: -wholeMs, End: wholeMs }[event.key]
    if (byMs === undefined) return
    event.preventDefault()
    event.stopPropagation()
    move(grip, span, byMs)
  }

  function move(grip: Grip, span: TimeSpan, byMs: number): void {
    if (drawn === undefined) return
    const { whole } = drawn
    const leastMs = MIN_PANE_PX * msPerPx(whole)
    if (grip === 'pane') return onRange(panned(span, byMs, whole))
    const from = grip === 'left' ? Math.max(whole.from, span.from + byMs) : span.from
    const to = grip === 'right' ? Math.min(whole.to, span.to + byMs) : span.to
    if (from <= whole.from && to >= whole.to) return onRange(ALL)
    if (grip === 'left') onRange(fixedRange(Math.min(from, to - leastMs), to, whole))
    else onRange(fixedRange(from, Math.max(to, from + leastMs), whole))
  }

  function msPerPx(whole: TimeSpan): number {
    return (whole.to - whole.from) / Math.max(1, frame.clientWidth)
  }
}

function sizeOf(canvas: HTMLCanvasElement): { width: number; height: number; ratio: number } {
  const ratio = window.devicePixelRatio
  return {
    ratio,
    width: Math.round(canvas.clientWidth * ratio),
    height: Math.round(canvas.clientHeight * ratio),
  }
}

function extremes({ length, min, max }: SeriesView): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < length; i++) {
    low = Math.min(low, min[i] ?? low)
    high = Math.max(high, max[i] ?? high)
  }
  return [low, high]
}

function describe(handle: HTMLElement, t: number, share: number, whole: TimeSpan): void {
  handle.setAttribute('aria-valuenow', String(Math.round(share * 100)))
  handle.setAttribute('aria-valuetext', formatMoment(t, whole.to))
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share))
