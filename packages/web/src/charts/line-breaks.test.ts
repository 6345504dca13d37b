import { describe, expect, it } from 'vitest'
import { breakLimits, lineRuns, medianIntervalMs } from './line-breaks.ts'
import { createSeriesColumns, type SeriesView } from './series-columns.ts'

describe('lineRuns', () => {
  it.each([
    ['nothing', [], []],
    ['a lone sample', [5000], [[0, 1]]],
    ['a silence of ten seconds, which connects', [0, 1000, 2000, 12_000], [[0, 4]]],
    [
      'a longer one',
      [0, 1000, 2000, 12_001, 13_000],
      [
        [0, 3],
        [3, 5],
      ],
    ],
    ['a slow series, by its own pace', [0, 60_000, 120_000, 420_000, 780_000], [[0, 5]]],
    [
      'a slow series that stopped',
      [0, 60_000, 120_000, 180_000, 480_001],
      [
        [0, 4],
        [4, 5],
      ],
    ],
  ])('draws %s', (_, t, runs) => {
    const view = series(t)
    expect(lineRuns(view, 0, view.length, breakLimits(view))).toEqual(runs)
  })

  it('does not break buckets of the past by the pace of the live points after them', () => {
    const columns = createSeriesColumns()
    columns.setPast(points([0, 64_000, 128_000]), 64_000, 130_000)
    columns.replaceFrom(131_000, points([131_000, 132_000, 133_000, 134_000, 135_000]))
    const view = columns.view()
    expect(lineRuns(view, 0, view.length, breakLimits(view))).toEqual([[0, 8]])
  })

  it('looks only at the indices it is given', () => {
    const view = series([0, 1, 100_000, 100_001])
    expect(lineRuns(view, 1, 3, breakLimits(view))).toEqual([
      [1, 2],
      [2, 3],
    ])
  })
})

describe('medianIntervalMs', () => {
  it('is that of the toy program, two seconds, whatever gap lies between', () => {
    const t = Float64Array.from({ length: 2000 }, (_, i) => i * 2000 + (i > 500 ? 9e6 : 0))
    expect(medianIntervalMs(t, 0, t.length)).toBe(2000)
  })
})

function series(t: readonly number[]): SeriesView {
  const columns = createSeriesColumns()
  columns.replaceFrom(0, points(t))
  return columns.view()
}

function points(t: readonly number[]) {
  const ones = t.map(() => 1)
  return { t, last: ones, min: ones, max: ones, mean: ones, count: ones }
}
