import { isMetricName, type MetricName } from '@plotline/wire'
import { describe, expect, it } from 'vitest'
import { isJobId, unixMs, type JobId } from '../units.ts'
import { compareSeries, type CompareQuery } from './compare-series.ts'
import type { Series, SeriesQuery } from './metric-store.ts'

const A = jobId('jaaaaaaaaaaaa')
const B = jobId('jbbbbbbbbbbbb')
const LOSS = metricName('loss')
const QUERY: CompareQuery = {
  jobs: [
    { jobId: A, origin: unixMs(1_000_500) },
    { jobId: B, origin: unixMs(5_003_000) },
  ],
  names: [LOSS],
  from: 0,
  to: 60_000,
  maxPoints: 100,
}

describe('compareSeries', () => {
  it('puts all on the coarsest grid that one of them needs, counted from the bucket in which each began', async () => {
    const asked: SeriesQuery[] = []
    const { gridMs, series } = await compareSeries(async (query) => {
      asked.push(query)
      const own = query.gridMs ?? (query.jobId === A ? 8000 : 2000)
      const first = Math.floor(query.from / own) * own
      return [seriesAt(own, [first, first + own, first + 3 * own])]
    }, QUERY)
    expect(gridMs).toBe(8000)
    expect(series.map(({ jobId: id, t }) => [id, Array.from(t)])).toEqual([
      [A, [0, 8000, 24_000]],
      [B, [0, 8000, 24_000]],
    ])
    expect(asked.map(({ from, to, gridMs: given }) => [from, to, given])).toEqual([
      [1_000_500, 1_060_500, undefined],
      [5_003_000, 5_063_000, undefined],
      [1_000_500, 1_060_500, 8000],
      [5_003_000, 5_063_000, 8000],
    ])
  })

  it('gives points as received their exact time since the origin', async () => {
    let reads = 0
    const { gridMs, series } = await compareSeries(async ({ from }) => {
      reads++
      return [seriesAt(0, [from + 1, from + 250.5])]
    }, QUERY)
    expect(gridMs).toBe(0)
    expect(series.map(({ t }) => Array.from(t))).toEqual([
      [1, 250.5],
      [1, 250.5],
    ])
    expect(reads).toBe(2)
  })

  it('has nothing to show of jobs without samples', async () => {
    expect(await compareSeries(async () => [], QUERY)).toEqual({ gridMs: 0, series: [] })
  })
})

function seriesAt(gridMs: number, times: readonly number[]): Series {
  const t = Float64Array.from(times)
  const columns = {
    last: t,
    min: t,
    max: t,
    mean: t,
    count: t,
    estimated: new Uint8Array(t.length),
  }
  return { name: LOSS, type: 'gauge', level: 0, gridMs, t, ...columns }
}

function jobId(text: string): JobId {
  if (!isJobId(text)) throw new Error(text)
  return text
}

function metricName(text: string): MetricName {
  if (!isMetricName(text)) throw new Error(text)
  return text
}
