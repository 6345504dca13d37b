import type { LiveSeries } from '@plotline/api'
import { describe, expect, it } from 'vitest'
import { openPointNews } from './live-points.ts'

const summary = { name: 'a', type: 'gauge' as const, last: 0, lastAt: 0, min: 0, max: 0, mean: 0 }

/** `points` as [t, last, count]. */
function update(points: readonly (readonly [number, number, number])[]): LiveSeries {
  const column = (at: 0 | 1 | 2): number[] => points.map((point) => point[at])
  const values = column(1)
  return {
    name: 'a',
    type: 'gauge',
    t: column(0),
    last: values,
    min: values,
    max: values,
    mean: values,
    count: column(2),
    from: points[0]?.[0] ?? 0,
    summary: { ...summary, samples: 1 },
  }
}

describe('openPointNews', () => {
  it.each<[string, [number, number, number][][], [number, number][][]]>([
    [
      'each new point once',
      [
        [[1, 5, 1]],
        [
          [1, 5, 1],
          [2, 6, 1],
        ],
        [],
      ],
      [[[1, 5]], [[2, 6]], []],
    ],
    [
      'a point again when it grew',
      [[[1, 5, 1]], [[1, 7, 2]], [[1, 7, 2]]],
      [[[1, 5]], [[1, 7]], []],
    ],
    [
      'a second that became one bucket, and what follows it',
      [
        [
          [1001, 1, 1],
          [1050, 2, 1],
        ],
        [[1000, 3, 11]],
        [[2001, 4, 1]],
      ],
      [
        [
          [1001, 1],
          [1050, 2],
        ],
        [[1000, 3]],
        [[2001, 4]],
      ],
    ],
  ])('tells %s', (_, updates, told) => {
    const news = openPointNews()
    const heard = updates.map((points) => news(update(points)).map(({ t, last }) => [t, last]))
    expect(heard).toEqual(told)
  })
})
