import { describe, expect, it } from 'vitest'
import {
  metricsView,
  nameList,
  silentWords,
  similarName,
  type MetricsFacts,
} from './metrics-view.ts'

const facts: MetricsFacts = {
  state: 'Running',
  startedAt: 100_000,
  declared: 2,
  undeclared: 0,
  hasSamples: false,
  isLoaded: true,
  now: 103_500,
}

describe('metricsView', () => {
  it.each<[string, Partial<MetricsFacts>, ReturnType<typeof metricsView>]>([
    ['is loading before anything is known', { isLoaded: false }, { kind: 'loading' }],
    [
      'says that a pending job will start',
      { state: 'Pending', startedAt: null },
      {
        kind: 'frames',
        words: 'Waiting for the job to start. Graphs appear within 2 seconds of the first sample.',
      },
    ],
    [
      'counts the seconds to the first sample',
      {},
      { kind: 'frames', words: 'Waiting for the first sample… 3 s' },
    ],
    ['helps after ten seconds', { now: 110_000 }, { kind: 'no-samples', isOver: false }],
    [
      'helps in the past tense after the end',
      { state: 'Failed' },
      { kind: 'no-samples', isOver: true },
    ],
    ['shows charts from the first sample on', { hasSamples: true }, { kind: 'charts' }],
    ['says that nothing was declared', { declared: 0 }, { kind: 'none-declared' }],
    ['shows what comes undeclared', { declared: 0, undeclared: 2 }, { kind: 'only-undeclared' }],
  ])('%s', (_, change, view) => expect(metricsView({ ...facts, ...change })).toEqual(view))
})

describe('silentWords', () => {
  it('waits a minute, then names what came instead', () => {
    const job = { state: 'Running' as const, startedAt: 0, now: 59_000 }
    expect(silentWords('testMetric3', ['testmetric3'], job)).toBe(
      'Waiting for the first sample… 59 s',
    )
    expect(silentWords('testMetric3', ['testmetric3'], { ...job, now: 61_000 })).toBe(
      'No samples for testMetric3 yet. Similar name received: testmetric3.',
    )
    expect(silentWords('a', ['b'], { ...job, state: 'Stopped' })).toBe('No samples for a.')
  })
})

describe('similarName', () => {
  it.each([
    ['loss', ['lr', 'LOSS'], 'LOSS'],
    ['accuracy', ['acuracy'], 'acuracy'],
    ['accuracy', ['acc'], undefined],
    ['a', ['b'], undefined],
    ['loss', ['los'], 'los'],
  ])('of %s among %j is %s', (name, candidates, similar) =>
    expect(similarName(name, candidates)).toBe(similar),
  )
})

describe('nameList', () => {
  it('stays short', () => {
    expect(nameList(['loss', 'lr'])).toBe('loss, lr')
    expect(nameList(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more')
  })
})
