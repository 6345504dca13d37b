import type { JobMetrics, LiveMessage, MetricData, SeriesJson } from '@plotline/api'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveTopic } from '../live/live-connection.ts'
import { createMetricFeed, type DataRequest, type MetricFeed } from './metric-feed.ts'
import { WANTED_POINTS } from './series-columns.ts'

const NOW = 1_000_000
const empty: JobMetrics = {
  metrics: [],
  undeclared: [],
  refused: {},
  lost: { kernel: 0, client: 0 },
  lossMarks: [],
  received: 0,
  batched: false,
}

let say: (message: LiveMessage) => void
let topic: () => LiveTopic
let asked: DataRequest[]
let past: SeriesJson[]
let feed: MetricFeed

beforeEach(() => {
  asked = []
  past = []
  feed = createMetricFeed({
    jobId: 'ja',
    subscribe(itsTopic, onMessage) {
      topic = itsTopic
      say = onMessage
      return () => undefined
    },
    readMetrics: async () => empty,
    readData: async (query): Promise<MetricData> => {
      asked.push(query)
      return { series: past.filter(({ name }) => query.names.split(',').includes(name)) }
    },
    now: () => NOW,
  })
  return () => feed.close()
})

describe('createMetricFeed', () => {
  it('reads the past of what is watched only after it listens, in one request', async () => {
    feed.watch('a', () => undefined)
    feed.watch('b', () => undefined)
    await turn()
    expect(asked).toEqual([])
    say(metrics([]))
    await turn()
    expect(asked).toEqual([{ names: 'a,b', points: 2000 }])
  })

  it('joins the past and what came live while it was read', async () => {
    past = [series('a', [1000, 2000])]
    const changed = vi.fn<() => void>()
    feed.watch('a', changed)
    say(metrics([series('a', [2000, 3000])], 2000))
    await turn()
    expect([...feed.track('a').whole().t]).toEqual([1000, 2000, 3000])
    expect(changed).toHaveBeenCalled()
    expect(feed.snapshot().sampled).toEqual(new Set(['a']))
  })

  it('goes on after a gap from where it was', () => {
    expect(topic()).toEqual({ topic: 'metrics', jobId: 'ja' })
    say(metrics([], 0, NOW + 500))
    expect(topic()).toEqual({ topic: 'metrics', jobId: 'ja', since: NOW - 1500 })
    expect(feed.now()).toBe(NOW + 500)
  })

  it('reads again what is watched when the server says that the past changed', async () => {
    feed.watch('a', () => undefined)
    say(metrics([]))
    await turn()
    past = [series('a', [500])]
    say({ ...metrics([]), reload: true })
    await turn()
    expect(asked).toHaveLength(2)
    expect([...feed.track('a').whole().t]).toEqual([500])
  })

  it('reads a coarser past when it holds too many points', async () => {
    feed.watch('a', () => undefined)
    say(metrics([]))
    await turn()
    past = [{ ...series('a', [0, 8000]), gridMs: 8000, level: 1 }]
    say(
      metrics([
        series(
          'a',
          Array.from({ length: WANTED_POINTS + 1 }, (_, i) => i),
        ),
      ]),
    )
    await turn()
    expect(feed.track('a').whole().length).toBe(2)
  })

  it('refines a zoom into buckets, and then holds the finer points for it', async () => {
    past = [{ ...series('a', [0, 64_000, 128_000, 192_000]), gridMs: 64_000, level: 2 }]
    feed.watch('a', () => undefined)
    say(metrics([]))
    await turn()
    past = [series('a', [60_000, 61_000, 62_000])]
    feed.refine('a', { from: 60_000, to: 80_000 }, 500)
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    expect(asked[1]).toEqual({ names: 'a', from: 55_000, to: 85_000, points: 1500 })
    await turn()
    expect([...feed.track('a').viewOf({ from: 60_000, to: 80_000 }).t]).toEqual([
      60_000, 61_000, 62_000,
    ])
    expect(feed.track('a').viewOf({ from: 0, to: 200_000 }).length).toBe(4)
    expect(feed.track('a').wantsDetail({ from: 60_000, to: 80_000 }, 500)).toBe(false)
  })

  it('goes on with live points in a detail that reaches the present', async () => {
    past = [{ ...series('a', [0, 64_000]), gridMs: 64_000, level: 2 }]
    feed.watch('a', () => undefined)
    say(metrics([]))
    await turn()
    past = [series('a', [NOW - 2000, NOW - 1000])]
    feed.refine('a', { from: NOW - 60_000, to: NOW }, 500)
    feed.refine('a', { from: 10_000, to: NOW }, 500)
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    await turn()
    say(metrics([series('a', [NOW - 1000, NOW + 500])], NOW - 1000))
    expect([...feed.track('a').viewOf({ from: 10_000, to: NOW + 1000 }).t]).toEqual([
      NOW - 2000,
      NOW - 1000,
      NOW + 500,
    ])
  })
})

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

function metrics(all: readonly SeriesJson[], from = 0, t = NOW) {
  return {
    id: 1,
    type: 'metrics' as const,
    jobId: 'ja',
    t,
    series: all.map(({ level: _level, gridMs: _gridMs, ...columns }) => ({
      ...columns,
      from,
      summary: {
        name: columns.name,
        type: columns.type,
        last: 1,
        lastAt: columns.t.at(-1) ?? null,
        min: 1,
        max: 1,
        mean: 1,
        samples: columns.t.length,
      },
    })),
  }
}

function series(name: string, t: number[]): SeriesJson {
  const ones = t.map(() => 1)
  return {
    name,
    type: 'gauge',
    level: 0,
    gridMs: 0,
    t,
    last: ones,
    min: ones,
    max: ones,
    mean: ones,
    count: ones,
  }
}
