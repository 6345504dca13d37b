import { describe, expect, it } from 'vitest'
import {
  createSeriesColumns,
  lowerBound,
  WANTED_POINTS,
  type PointColumns,
} from './series-columns.ts'

describe('createSeriesColumns', () => {
  it('replaces what it holds at and after `from`', () => {
    const series = createSeriesColumns()
    series.replaceFrom(0, points([1000, 2000, 2100, 2200]))
    series.replaceFrom(2000, points([2000, 3000], [7, 8]))
    expect([...series.view().t]).toEqual([1000, 2000, 3000])
    expect([...series.view().last]).toEqual([1000, 7, 8])
  })

  it('keeps what came after a past as received', () => {
    const series = createSeriesColumns()
    series.replaceFrom(0, points([4000, 5000, 6000]))
    series.setPast(points([1000, 2000, 5000]), 0, 5500)
    expect([...series.view().t]).toEqual([1000, 2000, 5000, 6000])
  })

  it('keeps after a past of buckets only what arrived since it was read', () => {
    const series = createSeriesColumns()
    series.replaceFrom(0, points([65_000, 66_000, 67_000]))
    series.setPast(points([0, 64_000]), 64_000, 66_500)
    expect([...series.view().t]).toEqual([0, 64_000, 67_000])
    expect(series.view()).toMatchObject({ gridMs: 64_000, coarseUntil: 64_001 })
  })

  it('leaves a view as it was when it was handed out', () => {
    const series = createSeriesColumns()
    series.replaceFrom(0, points([1, 2]))
    const before = series.view()
    series.replaceFrom(3, points(Array.from({ length: 5000 }, (_, i) => 3 + i)))
    expect([...before.t]).toEqual([1, 2])
    expect(series.view().length).toBe(5002)
  })

  it('never holds more than its maximum and counts what had to go', () => {
    const series = createSeriesColumns()
    for (let i = 0; i < 5 * WANTED_POINTS; i += 64)
      series.replaceFrom(i, points(Array.from({ length: 64 }, (_, j) => i + j)))
    const { length, t } = series.view()
    expect(length).toBeLessThanOrEqual(2 * WANTED_POINTS)
    expect(series.isOverfull()).toBe(true)
    expect(length + series.dropped()).toBe(5 * WANTED_POINTS)
    expect(t[length - 1]).toBe(5 * WANTED_POINTS - 1)
    expect(t[0]).toBe(series.dropped())
  })

  it('fits again once a coarser past is there', () => {
    const series = createSeriesColumns()
    series.replaceFrom(0, points(Array.from({ length: WANTED_POINTS + 1 }, (_, i) => i)))
    series.setPast(points([0, 8000]), 8000, WANTED_POINTS - 10)
    expect(series.isOverfull()).toBe(false)
    expect(series.view().length).toBe(12)
  })
})

describe('lowerBound', () => {
  it.each([
    [0, false, 0],
    [2, false, 1],
    [2, true, 3],
    [9, false, 4],
  ])('of %d (strictly: %s) is %d', (time, strictly, index) => {
    expect(lowerBound([1, 2, 2, 5], 4, time, strictly)).toBe(index)
  })
})

function points(t: readonly number[], last: readonly number[] = t): PointColumns {
  return { t, last, min: last, max: last, mean: last, count: t.map(() => 1) }
}
