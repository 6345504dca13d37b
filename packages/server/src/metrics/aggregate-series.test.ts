import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MetricType } from '@plotline/api'
import { BatchBuilder } from './aggregate-batch.ts'
import { secondOf } from './aggregate-bucket.ts'
import { SeriesAggregate } from './aggregate-series.ts'
import type { BucketBatch } from './bucket-batch.ts'
import type { SeriesChange } from './ingest.ts'
import { unixMs, type JobId } from '../units.ts'
import type { MetricName } from '@plotline/wire'

const JOB = 'jaaaaaaaaaaaa' as JobId
const NAME = 'loss' as MetricName
const T0 = 1_700_000_000_000

const newSeries = (type: MetricType): SeriesAggregate => new SeriesAggregate(JOB, NAME, type, true)

function addAll(series: SeriesAggregate, samples: readonly (readonly [number, number])[]): void {
  for (const [t, value] of samples) series.add(value, T0 + t, secondOf(T0 + t), false)
}

function take(series: SeriesAggregate, openSecond?: number): BucketBatch {
  const batch = new BatchBuilder()
  series.take(batch, openSecond)
  return batch.finish(unixMs(T0), [])
}

const rows = ({ buckets }: BucketBatch): number[][] =>
  Array.from(buckets.t, (t, i) => [
    t - T0,
    buckets.last[i] ?? 0,
    buckets.min[i] ?? 0,
    buckets.max[i] ?? 0,
    buckets.sum[i] ?? 0,
    buckets.count[i] ?? 0,
  ])

const points = (change: SeriesChange): number[][] =>
  change.t.map((t, i) => [t - T0, change.last[i] ?? 0])

describe('SeriesAggregate', () => {
  it('keeps up to 10 samples of a second as points with their own time', () => {
    const series = newSeries('gauge')
    addAll(
      series,
      Array.from({ length: 10 }, (_, i) => [i * 7, -i]),
    )
    expect(rows(take(series))).toEqual(
      Array.from({ length: 10 }, (_, i) => [i * 7, -i, -i, -i, -i, 1]),
    )
  })

  it('makes one bucket of a second with 11 samples', () => {
    const gauge = newSeries('gauge')
    addAll(
      gauge,
      Array.from({ length: 11 }, (_, i) => [500 + i, i - 5]),
    )
    expect(rows(take(gauge))).toEqual([[0, 5, -5, 5, 0, 11]])

    const counter = newSeries('counter')
    addAll(
      counter,
      Array.from({ length: 12 }, (_, i) => [500 + i, i === 0 ? 5 : -1]),
    )
    // 5, 4, 3, ... -6: the running total relative to the second before.
    expect(rows(take(counter))).toEqual([[0, -6, -6, 5, -6, 12]])
  })

  it('leaves the open second open, and the seconds before and ahead of it not', () => {
    const series = newSeries('gauge')
    addAll(series, [
      [100, 1],
      [1100, 2],
      [5000, 3],
    ])
    expect(rows(take(series, secondOf(T0 + 1100))).map(([t]) => t)).toEqual([100, 5000])
    expect(series.isWaiting).toBe(true)
    expect(rows(take(series)).map(([t]) => t)).toEqual([1100])
    expect(series.isWaiting).toBe(false)
  })

  it('adds without losing what rounding takes: ten times 0.1 is 1, in points and in a bucket', () => {
    for (const step of [100, 10]) {
      const series = newSeries('counter')
      addAll(
        series,
        Array.from({ length: 1000 }, (_, i) => [i * step, 0.1]),
      )
      expect(series.takeChange().last.at(-1)).toBe(100)
    }
  })

  it('shows a counter as its running total, also below zero', () => {
    const series = newSeries('counter')
    addAll(series, [
      [0, 2],
      [100, -5],
      [1200, 0.5],
    ])
    const change = series.takeChange()
    expect(points(change)).toEqual([
      [0, 2],
      [100, -3],
      [1200, -2.5],
    ])
    expect(change).toMatchObject({
      from: T0,
      min: [2, -3, -2.5],
      max: [2, -3, -2.5],
      count: [1, 1, 1],
    })
    expect(change.summary).toEqual({
      name: NAME,
      type: 'counter',
      last: -2.5,
      lastAt: T0 + 1200,
      min: -3,
      max: 2,
      mean: -3.5 / 3,
      samples: 3,
    })
  })

  it('goes on from what the store holds', () => {
    const stored = {
      name: NAME,
      type: 'counter' as const,
      last: 1e16,
      carry: 0.5,
      firstAt: unixMs(T0 - 9000),
      lastAt: unixMs(T0 - 5000),
      min: 0,
      max: 1e16,
      sum: 2e16,
      count: 4,
    }
    const series = SeriesAggregate.resume(JOB, stored)
    addAll(series, [
      [0, 0.5],
      [100, 1],
    ])
    const change = series.takeChange()
    expect(change.last).toEqual([1e16, 1e16 + 2])
    expect(change.summary).toMatchObject({ samples: 6, min: 0, max: 1e16 + 2, last: 1e16 + 2 })
  })

  it('tells of a sample in the past that readers should read again', () => {
    const series = SeriesAggregate.resume(JOB, {
      name: NAME,
      type: 'counter',
      last: 10,
      carry: 0,
      firstAt: unixMs(T0 - 9000),
      lastAt: unixMs(T0),
      min: 0,
      max: 10,
      sum: 10,
      count: 1,
    })
    addAll(series, [[2000, 1]])
    expect(series.isHistoryChanged).toBe(false)
    series.takeChange()
    take(series)
    addAll(series, [[-5000, 5]])
    expect(series.isHistoryChanged).toBe(true)
    const change = series.takeChange()
    expect(points(change)).toEqual([[2000, 16]])
    expect(change.summary.last).toBe(16)
    expect(rows(take(series))).toEqual([[-5000, 5, 5, 5, 5, 1]])
    expect(series.isHistoryChanged).toBe(false)
  })

  it('keeps negative zero', () => {
    const series = newSeries('gauge')
    addAll(series, [[0, -0]])
    expect(series.takeChange().last[0]).toBe(-0)
    expect(take(series).buckets.last[0]).toBe(-0)
  })

  it('keeps sums within the range of a double', () => {
    const series = newSeries('gauge')
    addAll(
      series,
      Array.from({ length: 20 }, () => [0, 1.7e308]),
    )
    expect(take(series).buckets.sum[0]).toBe(Number.MAX_VALUE)
    expect(series.takeChange().mean[0]).toBeLessThanOrEqual(Number.MAX_VALUE)
  })

  it('keeps the history of an undeclared metric aside and hands it over when it is declared', () => {
    const series = new SeriesAggregate(JOB, NAME, 'counter', false)
    for (let second = 0; second < 700; second++) {
      addAll(series, [
        [second * 1000, 1],
        [second * 1000 + 1, 1],
        [second * 1000 + 2, 1],
      ])
      expect(take(series).buckets.length).toBe(0)
    }
    expect(series.statistics.count).toBe(2100)
    const declared = series.declared()
    const change = declared.takeChange()
    expect(change.summary).toMatchObject({ last: 2100, samples: 2100 })
    const batch = take(declared)
    expect(batch.buckets.length).toBeLessThanOrEqual(1203)
    expect(batch.buckets.length).toBeGreaterThan(1100)
    expect(batch.buckets.last.reduce((sum, value) => sum + value)).toBe(2100)
  })

  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('add'),
        by: fc.nat(300),
        value: fc.integer({ min: -9, max: 9 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('late'),
        by: fc.nat(20_000),
        value: fc.integer({ min: -9, max: 9 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('tick'), by: fc.nat(2000), value: fc.constant(0) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('tell'), by: fc.nat(300), value: fc.constant(0) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('burst'),
        by: fc.nat(300),
        value: fc.integer({ min: 1, max: 30 }),
      }),
    },
  )

  it.each(['gauge', 'counter'] as const)(
    'shows and stores the same of a %s, whatever comes when, and counts every sample once',
    (type) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
          const series = newSeries(type)
          const stored: number[][] = []
          let shown: number[][] = []
          let isStale = false
          let now = 0
          let count = 0
          let sum = 0
          const add = (t: number, value: number): void => {
            addAll(series, [[t, value]])
            count++
            sum += value
          }
          const tell = (): void => {
            if (!series.isChanged) return
            isStale ||= series.isHistoryChanged
            const change = series.takeChange()
            shown = [...shown.filter(([t = 0]) => t < change.from - T0), ...points(change)]
          }
          for (const { do: what, by, value } of steps) {
            if (what === 'late') add(Math.max(0, now - by), value)
            else now += by
            if (what === 'add') add(now, value)
            if (what === 'burst') for (let i = 0; i < value; i++) add(now, i)
            if (what === 'tick') stored.push(...rows(take(series, secondOf(T0 + now))))
            if (what === 'tell') tell()
          }
          tell()
          stored.push(...rows(take(series)))
          expect(stored.reduce((total, [, , , , , n = 0]) => total + n, 0)).toBe(count)
          const inOrder = stored.toSorted(([a = 0], [b = 0]) => a - b)
          let total = 0
          const drawn = inOrder.map(([t = 0, last = 0]) => [
            t,
            type === 'gauge' ? last : (total += last),
          ])
          if (type === 'counter') expect(total).toBe(sum)
          if (!isStale) expect(shown).toEqual(drawn)
        }),
        { numRuns: 500 },
      )
    },
  )
})
