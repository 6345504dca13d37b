import { describe, expect, it } from 'vitest'
import { sparkPath, trendWord } from './spark-path.ts'

describe('sparkPath', () => {
  it.each([
    [[], ''],
    [[5], ''],
    [[0, 10], '0,20 60,0'],
    [[3, 3, 3], '0,10 30,10 60,10'],
    [[-1, 1, 0], '0,20 30,0 60,10'],
  ])('draws %j as "%s"', (values, path) => {
    expect(sparkPath(values, 60, 20)).toBe(path)
  })
})

describe('trendWord', () => {
  it.each([
    [[1], 'steady'],
    [[2, 2, 2], 'steady'],
    [[1, 2, 3, 4], 'rising'],
    [[4, 3, 2, 1], 'falling'],
    [[1, 9, 1, 9], 'steady'],
  ])('calls %j %s', (values, word) => {
    expect(trendWord(values)).toBe(word)
  })
})
