import { describe, expect, it } from 'vitest'
import { createSeriesColumns, type SeriesView } from './series-columns.ts'
import { recentRate, samplesEveryMs } from './series-figures.ts'

describe('recentRate', () => {
  it.each([
    ['no points', [], [], undefined],
    ['one point', [0], [1], undefined],
    ['the toy counter', [0, 2000, 4000], [1, 2, 3], 0.5],
    [
      'only the last minute',
      [0, 100_000, 130_000, 140_000, 150_000, 160_000],
      [0, 0, 30, 40, 50, 60],
      1,
    ],
    ['the last few points of a slow series', [0, 1e6, 2e6, 3e6, 4e6], [0, 1e3, 2e3, 3e3, 4e3], 1],
    ['points at one time', [5, 5], [1, 2], undefined],
  ])('of %s', (_, t, last, rate) => expect(recentRate(series(t, last))).toBe(rate))
})

describe('samplesEveryMs', () => {
  it('is the usual interval of points as received', () => {
    expect(samplesEveryMs(series([0, 2000, 4000, 90_000], [1, 1, 1, 1]), 4)).toBe(2000)
  })

  it('is the average where points hold several samples', () => {
    expect(samplesEveryMs(series([0, 1000, 2000], [1, 1, 1]), 41)).toBe(50)
  })

  it('is not known of one sample', () => {
    expect(samplesEveryMs(series([0], [1]), 1)).toBeUndefined()
  })
})

function series(t: readonly number[], last: readonly number[]): SeriesView {
  const columns = createSeriesColumns()
  columns.replaceFrom(0, { t, last, min: last, max: last, mean: last, count: t.map(() => 1) })
  return columns.view()
}
