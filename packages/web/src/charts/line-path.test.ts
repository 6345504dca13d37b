import { describe, expect, it } from 'vitest'
import { breakLimits } from './line-breaks.ts'
import { traceBand, traceLine, type PathPen } from './line-path.ts'
import { createSeriesColumns, type SeriesView } from './series-columns.ts'

const scales = { x: (t: number) => t / 1000, y: (value: number) => 100 - value }

describe('traceLine', () => {
  it('goes straight from value to value', () => {
    expect(line(series([0, 2000, 4000], [3, 3, 5]))).toEqual(['M 0 97', 'L 2 97', 'L 4 95'])
  })

  it('begins anew after a long silence', () => {
    expect(line(series([0, 1000, 60_000, 61_000], [1, 2, 3, 4]))).toEqual([
      'M 0 99',
      'L 1 98',
      'M 60 97',
      'L 61 96',
    ])
  })

  it('keeps the extremes of many points in one pixel, and where it enters and leaves', () => {
    const view = series([0, 1000, 1100, 1200, 1300, 1400, 2000], [0, 5, 90, 6, -20, 7, 8])
    expect(line(view)).toEqual(['M 0 100', 'L 1 95', 'L 1.1 10', 'L 1.3 120', 'L 1.4 93', 'L 2 92'])
  })

  it('costs no more than four strokes a pixel', () => {
    const t = Array.from({ length: 10_000 }, (_, i) => i)
    const steps = line(
      series(
        t,
        t.map((i) => Math.sin(i)),
      ),
    )
    expect(steps.length).toBeLessThanOrEqual(10 * 4 + 1)
  })
})

describe('traceBand', () => {
  it('runs along the highest and back along the lowest', () => {
    const columns = createSeriesColumns()
    const t = [0, 1000]
    columns.replaceFrom(0, {
      t,
      last: [5, 6],
      min: [1, 2],
      max: [9, 8],
      mean: [5, 5],
      count: [4, 1],
    })
    expect(band(columns.view())).toEqual(['M 0 91', 'L 1 92', 'L 1 98', 'L 0 99', 'Z'])
  })

  it('is not there where each point is one sample', () => {
    expect(band(series([0, 1000, 2000], [1, 2, 3]))).toEqual([])
  })
})

function line(view: SeriesView): string[] {
  const { steps, pen } = recording()
  traceLine(pen, view, [0, view.length], breakLimits(view), scales)
  return steps
}

function band(view: SeriesView): string[] {
  const { steps, pen } = recording()
  traceBand(pen, view, [0, view.length], breakLimits(view), scales)
  return steps
}

function recording() {
  const steps: string[] = []
  const pen: PathPen = {
    moveTo: (x, y) => steps.push(`M ${x} ${y}`),
    lineTo: (x, y) => steps.push(`L ${x} ${y}`),
    closePath: () => steps.push('Z'),
  }
  return { steps, pen }
}

function series(t: readonly number[], last: readonly number[]): SeriesView {
  const columns = createSeriesColumns()
  columns.replaceFrom(0, { t, last, min: last, max: last, mean: last, count: t.map(() => 1) })
  return columns.view()
}
