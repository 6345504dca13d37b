import uPlot from 'uplot'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has nothing to assign
import 'uplot/dist/uPlot.min.css'
import { readColours } from './chart-colours.ts'
import { breakLimits, lineRuns } from './line-breaks.ts'
import { traceBand, traceLine } from './line-path.ts'
import type { TimeSpan } from './range.ts'
import { lowerBound, type SeriesView } from './series-columns.ts'
import { formatTimeTick } from './time-format.ts'
import { formatTick, formatValue } from './value-format.ts'
import { createSteadyYRange, yRange } from './y-range.ts'

interface PlotFrame {
  readonly view: SeriesView
  readonly span: TimeSpan
  readonly includeZero: boolean
  /** When samples were lost. */
  readonly lossMarks: readonly number[]
}

export interface MetricPlot {
  readonly draw: (frame: PlotFrame) => void
  readonly resize: (width: number, height: number) => void
  readonly recolour: () => void
  /** Puts the cursor on the point at `index` of the frame's view, on all charts that share it; undefined takes it away. */
  readonly setCursor: (index: number | undefined) => void
  /** A pointer is down on it: the window must not slide away under it. */
  readonly isHeld: () => boolean
  readonly destroy: () => void
}

export interface MetricPlotNeeds {
  readonly host: HTMLElement
  readonly width: number
  readonly height: number
  /** Place among the charts: its colour. */
  readonly place: number
  /** Charts with the same key share the cursor. */
  readonly cursorKey: string
  readonly now: () => number
  readonly onSelect: (from: number, to: number) => void
  readonly onReset: () => void
  readonly onZoom: (at: number, factor: number) => void
  /** The point under the cursor, and where it lies in the host, in CSS pixels. */
  readonly onCursor: (index: number | undefined, leftPx: number) => void
}

const LINE_PX = 1.75
const POINT_PX = 5
/** Points closer than this are a line, not dots. */
const SPARSE_PX = 8
const LABEL_ROOM_PX = 62
/** Of a chart on a phone, */
const NARROW_PX = 480
/** which gives less room to labels. */
const NARROW_LABEL_ROOM_PX = 46
const AXIS_PX = 58
const NARROW_AXIS_PX = 44
const AXIS_FONT = '11px ui-sans-serif, system-ui, sans-serif'
const LABEL_FONT = '600 11px ui-sans-serif, system-ui, sans-serif'
const WHEEL_STEP = 1.2

/** Wraps one uPlot: the pixels of a chart. What it shows comes in as frames; what a hand does on it goes out as calls. */
export function createMetricPlot(needs: MetricPlotNeeds): MetricPlot {
  const { host, cursorKey, now } = needs
  const steadyY = createSteadyYRange()
  let colours = readColours(host, needs.place)
  let frame: PlotFrame | undefined
  let shownSpanMs = 0
  let isYReset = true
  let isHeld = false

  const plot = new uPlot(options(), [[], [], [], []], host)
  const stopHolding = (): void => {
    isHeld = false
  }
  plot.over.addEventListener('pointerdown', () => {
    isHeld = true
  })
  window.addEventListener('pointerup', stopHolding)
  window.addEventListener('pointercancel', stopHolding)
  plot.over.addEventListener('wheel', onWheel, { passive: false })

  return {
    draw(next) {
      const spanMs = next.span.to - next.span.from
      // A zoom is another picture: its axis need not agree with the one before. A slide keeps it steady.
      if (Math.abs(spanMs - shownSpanMs) > spanMs / 10) isYReset = true
      shownSpanMs = spanMs
      frame = next
      const { t, last, min, max } = next.view
      plot.batch(() => {
        plot.setData([t, last, min, max], false)
        plot.setScale('x', { min: next.span.from, max: next.span.to })
      })
      // uPlot keeps the index of the cursor where only the points changed: another point may stand there now.
      const { left = -1, top = -1 } = plot.cursor
      if (left >= 0) plot.setCursor({ left, top })
    },
    resize: (width, height) => plot.setSize({ width, height }),
    recolour() {
      colours = readColours(host, needs.place)
      plot.redraw(true, true)
    },
    setCursor(index) {
      const time = index === undefined ? undefined : frame?.view.t[index]
      for (const each of uPlot.sync(cursorKey).plots)
        each.setCursor({
          left: time === undefined ? -10 : each.valToPos(time, 'x'),
          top: time === undefined ? -10 : each.bbox.height / uPlot.pxRatio / 2,
        })
    },
    isHeld: () => isHeld,
    destroy() {
      window.removeEventListener('pointerup', stopHolding)
      window.removeEventListener('pointercancel', stopHolding)
      plot.destroy()
    },
  }

  function options(): uPlot.Options {
    return {
      width: needs.width,
      height: needs.height,
      ms: 1,
      padding: [10, labelRoomPx, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: true, auto: false },
        y: { range: (_, low, high) => [...rangeOfY(low, high)] },
      },
      axes: [timeAxis(), valueAxis()],
      series: [{}, lineSeries(), hiddenSeries(), hiddenSeries()],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: 4 },
        sync: { key: cursorKey, scales: ['x', null] },
        points: {
          size: (_, series) => (series === 1 ? POINT_PX + 3 : 0),
          fill: () => colours.line,
          stroke: () => colours.surface,
          width: 2,
        },
        bind: {
          dblclick: () => () => {
            needs.onReset()
            return null
          },
        },
      },
      hooks: {
        setSelect: [select],
        setCursor: [
          ({ cursor, bbox }) => {
            const isAway = cursor.left === undefined || cursor.left < 0
            const index = isAway ? undefined : (cursor.idxs?.[1] ?? cursor.idx ?? undefined)
            needs.onCursor(index, bbox.left / uPlot.pxRatio + (cursor.left ?? 0))
          },
        ],
        drawAxes: [drawLossMarks],
        draw: [drawLastLabel],
      },
    }
  }

  function rangeOfY(low: number | null, high: number | null): readonly [number, number] {
    if (low === null || high === null) {
      // Nothing to see has no scale that what comes next would have to agree with.
      isYReset = true
      return [0, 1]
    }
    const range = steadyY(yRange(low, high, frame?.includeZero ?? false), now(), isYReset)
    isYReset = false
    return range
  }

  function timeAxis(): uPlot.Axis {
    return {
      stroke: () => colours.axis,
      font: AXIS_FONT,
      size: 30,
      gap: 6,
      space: 84,
      grid: { stroke: () => colours.grid, width: 1 },
      ticks: { show: false },
      values: (_, splits, _axis, _space, stepMs) =>
        splits.map((t, i) => formatTimeTick(t, stepMs, splits[i - 1])),
    }
  }

  function valueAxis(): uPlot.Axis {
    return {
      stroke: () => colours.axis,
      font: AXIS_FONT,
      size: ({ width }) => (width < NARROW_PX ? NARROW_AXIS_PX : AXIS_PX),
      gap: 8,
      space: 34,
      grid: { stroke: () => colours.grid, width: 1 },
      ticks: { show: false },
      // Without data there is no scale to read.
      values: (_, splits, _axis, _space, step) =>
        splits.map((value) => (frame?.view.length === 0 ? '' : formatTick(value, step))),
    }
  }

  function lineSeries(): uPlot.Series {
    return {
      stroke: () => colours.line,
      fill: () => colours.band,
      width: LINE_PX,
      paths: tracePaths,
      points: {
        show: (_, __, first, last) => isSparse(first, last),
        filter: (_, __, isShown) => (isShown ? null : loners()),
        size: POINT_PX,
        width: 0,
        fill: () => colours.line,
        stroke: () => colours.line,
      },
    }
  }

  function tracePaths(
    _: uPlot,
    __: number,
    first: number,
    last: number,
  ): uPlot.Series.Paths | null {
    if (frame === undefined) return null
    const { view } = frame
    const limits = breakLimits(view)
    const scales = {
      x: (t: number) => plot.valToPos(t, 'x', true),
      y: (value: number) => plot.valToPos(value, 'y', true),
    }
    const stroke = new Path2D()
    const fill = new Path2D()
    traceLine(stroke, view, [first, last + 1], limits, scales)
    traceBand(fill, view, [first, last + 1], limits, scales)
    return { stroke, fill, flags: 0 }
  }

  /** By the stretch that the points take, not by the chart: a burst in an empty hour is a line too. */
  function isSparse(first: number, last: number): boolean {
    const t = frame?.view.t
    if (t === undefined || last <= first) return true
    const takenPx = plot.valToPos(t[last] ?? 0, 'x') - plot.valToPos(t[first] ?? 0, 'x')
    return (last - first) * SPARSE_PX < takenPx
  }

  /** Samples with a break on either side are no line: without a dot they would not be seen at all. */
  function loners(): number[] | null {
    if (frame === undefined) return null
    const { view, span } = frame
    const [first, end] = indicesIn(view, span)
    const alone = lineRuns(view, first, end, breakLimits(view)).flatMap(([start, stop]) =>
      stop - start === 1 ? [start] : [],
    )
    return alone.length === 0 ? null : alone
  }

  function select({ select: { left, width } }: uPlot): void {
    if (width <= 0) return
    const from = plot.posToVal(left, 'x')
    const to = plot.posToVal(left + width, 'x')
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    needs.onSelect(from, to)
  }

  function onWheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    const at = plot.posToVal(event.offsetX, 'x')
    needs.onZoom(at, event.deltaY < 0 ? 1 / WHEEL_STEP : WHEEL_STEP)
  }

  function drawLossMarks({ ctx, bbox }: uPlot): void {
    if (frame === undefined) return
    const { from, to } = frame.span
    ctx.save()
    ctx.strokeStyle = colours.loss
    ctx.lineWidth = uPlot.pxRatio
    ctx.setLineDash([3 * uPlot.pxRatio, 3 * uPlot.pxRatio])
    for (const t of frame.lossMarks) {
      if (t < from || t > to) continue
      const x = Math.round(plot.valToPos(t, 'x', true))
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
    }
    ctx.restore()
  }

  /** The value stands at the end of its line. */
  function drawLastLabel({ ctx, bbox }: uPlot): void {
    if (frame === undefined) return
    const { view, span } = frame
    const index = indicesIn(view, span)[1] - 1
    if (index < 0 || (view.t[index] ?? 0) < span.from) return
    const ratio = uPlot.pxRatio
    const x = plot.valToPos(view.t[index] ?? 0, 'x', true)
    const y = plot.valToPos(view.last[index] ?? 0, 'y', true)
    ctx.save()
    ctx.beginPath()
    ctx.arc(x, y, 3.5 * ratio, 0, 2 * Math.PI)
    ctx.fillStyle = colours.line
    ctx.strokeStyle = colours.surface
    ctx.lineWidth = 2 * ratio
    ctx.stroke()
    ctx.fill()
    ctx.font = LABEL_FONT.replace('11px', `${11 * ratio}px`)
    ctx.textAlign = 'left'
    ctx.textBaseline = 'middle'
    ctx.lineWidth = 3 * ratio
    const text = formatValue(view.last[index])
    const room =
      bbox.left + bbox.width + (labelRoomPx(plot) - 2) * ratio - ctx.measureText(text).width
    const left = Math.min(x + 8 * ratio, room)
    const top = Math.max(y, bbox.top + 4 * ratio)
    ctx.strokeText(text, left, top)
    ctx.fillStyle = colours.text
    ctx.fillText(text, left, top)
    ctx.restore()
  }
}

function indicesIn(view: SeriesView, { from, to }: TimeSpan): [first: number, end: number] {
  return [lowerBound(view.t, view.length, from), lowerBound(view.t, view.length, to, true)]
}

function labelRoomPx({ width }: uPlot): number {
  return width < NARROW_PX ? NARROW_LABEL_ROOM_PX : LABEL_ROOM_PX
}

/** Min and max take part in the axis; their band is drawn with the line. */
function hiddenSeries(): uPlot.Series {
  return { paths: () => null, points: { show: false }, stroke: 'transparent' }
}
