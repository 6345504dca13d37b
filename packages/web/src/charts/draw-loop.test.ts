import { beforeEach, describe, expect, it } from 'vitest'
import { createDrawLoop, type DrawLoop } from './draw-loop.ts'

let nowMs: number
let frames: (() => void)[]
let timers: { at: number; run: () => void }[]
let loop: DrawLoop

beforeEach(() => {
  nowMs = 0
  frames = []
  timers = []
  loop = createDrawLoop({
    requestFrame: (run) => frames.push(run),
    setTimer: (run, delayMs) => timers.push({ at: nowMs + delayMs, run }),
    now: () => nowMs,
  })
})

describe('createDrawLoop', () => {
  it('draws the first change with the next frame', () => {
    const drawn = track()
    drawn.chart.request()
    expect(drawn.times).toEqual([])
    runUntil(16)
    expect(drawn.times).toHaveLength(1)
  })

  it('draws at most four times a second, and the last change always', () => {
    const drawn = track()
    for (let t = 0; t < 1000; t += 10) {
      runUntil(t)
      drawn.chart.request()
    }
    runUntil(3000)
    expect(drawn.times.length).toBeGreaterThanOrEqual(4)
    expect(drawn.times.length).toBeLessThanOrEqual(6)
    expect(drawn.times.at(-1)).toBeGreaterThanOrEqual(990)
  })

  it('draws once a second on a page of many charts', () => {
    const all = Array.from({ length: 21 }, track)
    for (let t = 0; t < 3000; t += 50) {
      runUntil(t)
      for (const { chart } of all) chart.request()
    }
    expect(all[0]?.times).toHaveLength(3)
  })

  it('answers a hand at once', () => {
    const drawn = track()
    drawn.chart.request()
    runUntil(20)
    drawn.chart.requestNow()
    runUntil(40)
    expect(drawn.times).toHaveLength(2)
  })

  it('draws nothing without frames, as on a hidden page, and catches up in one draw', () => {
    const drawn = track()
    for (let i = 0; i < 100; i++) drawn.chart.request()
    expect(frames).toHaveLength(1)
    nowMs = 60_000
    runUntil(60_016)
    expect(drawn.times).toHaveLength(1)
  })

  it('lets no change wait for a draw that only the clock asked for', () => {
    const drawn = track()
    runUntil(2000)
    loop.requestAll()
    runUntil(2050)
    drawn.chart.request()
    runUntil(2100)
    expect(drawn.times).toHaveLength(2)
  })

  it('draws nothing for the clock on a chart that changes by itself', () => {
    const drawn = track()
    drawn.chart.request()
    runUntil(500)
    loop.requestAll()
    runUntil(1000)
    expect(drawn.times).toHaveLength(1)
  })

  it('rests when there is nothing to draw, and forgets what was removed', () => {
    const drawn = track()
    drawn.chart.request()
    drawn.chart.remove()
    runUntil(1000)
    expect(drawn.times).toEqual([])
    expect(frames).toEqual([])
    expect(timers).toEqual([])
  })
})

function track() {
  const times: number[] = []
  return { times, chart: loop.add(() => times.push(nowMs)) }
}

/** Frames each 16 ms, timers when they are due. */
function runUntil(end: number): void {
  for (; nowMs < end; nowMs = Math.min(end, nowMs + 16)) turn()
  turn()

  function turn(): void {
    const due = timers.filter(({ at }) => at <= nowMs)
    timers = timers.filter(({ at }) => at > nowMs)
    for (const { run } of due) run()
    if (nowMs % 16 !== 0 && nowMs !== end) return
    for (const run of frames.splice(0)) run()
  }
}
