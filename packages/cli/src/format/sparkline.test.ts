import { describe, expect, it } from 'vitest'
import { sparkline } from './sparkline.ts'

describe('sparkline', () => {
  it.each<[string, number[], number, string]>([
    ['a ramp', [0, 1, 2, 3, 4, 5, 6, 7], 10, '▁▂▃▄▅▆▇█'],
    ['the latest values only', [100, 0, 1], 2, '▁█'],
    ['a flat line', [5, 5], 8, '▄▄'],
    ['negative values', [-1, 0], 8, '▁█'],
    ['the ends of the doubles', [-Number.MAX_VALUE, 0, Number.MAX_VALUE], 8, '▁▅█'],
    ['no value', [], 8, ''],
  ])('draws %s', (_, values, width, expected) => {
    expect(sparkline(values, width)).toBe(expected)
  })
})
