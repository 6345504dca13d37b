export interface DrawLoop {
  /** `draw` runs in an animation frame, and only after `request`. */
  readonly add: (draw: () => void) => Drawn
  /** The clock moved on: charts that were not drawn for a while are, and their next change does not wait for it. */
  readonly requestAll: () => void
}

interface Drawn {
  /** Draws with the next frame, but not more often than the loop allows. */
  readonly request: () => void
  /** Draws with the next frame: an answer to the hand of a person. */
  readonly requestNow: () => void
  readonly remove: () => void
}

export interface DrawLoopOptions {
  readonly requestFrame: (callback: () => void) => void
  readonly setTimer: (callback: () => void, delayMs: number) => void
  readonly now: () => number
}

/** At most four draws a second for each chart, as often as changes come; a change that is a little early does not wait, */
const INTERVAL_MS = 220
/** one on a page of many. */
const CROWDED_INTERVAL_MS = 1000
const CROWD = 20
/** Drawn more recently than this, a chart needs no draw for the clock's sake. */
const RECENT_MS = 900
/** A frame at 60 Hz comes up to this early or late: not worth waiting for one more. */
const FRAME_MS = 17

/**
 * The one loop that draws all charts of a page. It asks for a frame only when something is to be drawn, and a browser gives no
 * frames to a hidden page: then nothing is drawn and all data are kept.
 */
export function createDrawLoop({ requestFrame, setTimer, now }: DrawLoopOptions): DrawLoop {
  const charts = new Set<Chart>()
  let frameAsked = false
  let timerSet = false

  return {
    add(draw) {
      const chart: Chart = {
        draw,
        drawnAt: Number.NEGATIVE_INFINITY,
        changedAt: Number.NEGATIVE_INFINITY,
        isTick: false,
        isDirty: false,
        isUrgent: false,
      }
      charts.add(chart)
      return {
        request() {
          chart.isDirty = true
          chart.isTick = false
          wake()
        },
        requestNow() {
          chart.isDirty = true
          chart.isUrgent = true
          chart.isTick = false
          askFrame()
        },
        remove: () => charts.delete(chart),
      }
    },
    requestAll() {
      for (const chart of charts) {
        if (chart.isDirty || now() - chart.drawnAt < RECENT_MS) continue
        chart.isDirty = true
        chart.isTick = true
      }
      wake()
    },
  }

  function wake(): void {
    const waitMs = soonest()
    if (waitMs === undefined || frameAsked) return
    if (waitMs <= FRAME_MS) {
      askFrame()
    } else if (!timerSet) {
      timerSet = true
      setTimer(() => {
        timerSet = false
        wake()
      }, waitMs)
    }
  }

  function askFrame(): void {
    if (frameAsked) return
    frameAsked = true
    requestFrame(frame)
  }

  function frame(): void {
    frameAsked = false
    for (const chart of charts) {
      if (!chart.isDirty || (!chart.isUrgent && waitOf(chart) > FRAME_MS)) continue
      chart.isDirty = false
      chart.isUrgent = false
      chart.drawnAt = now()
      if (!chart.isTick) chart.changedAt = chart.drawnAt
      chart.draw()
    }
    wake()
  }

  function soonest(): number | undefined {
    const waits = [...charts].filter(({ isDirty }) => isDirty).map(waitOf)
    return waits.length === 0 ? undefined : Math.min(...waits)
  }

  function waitOf({ changedAt, isUrgent }: Chart): number {
    if (isUrgent) return 0
    return changedAt + (charts.size > CROWD ? CROWDED_INTERVAL_MS : INTERVAL_MS) - now()
  }
}

interface Chart {
  readonly draw: () => void
  drawnAt: number
  /** When it was last drawn for more than the clock. */
  changedAt: number
  isTick: boolean
  isDirty: boolean
  isUrgent: boolean
}
