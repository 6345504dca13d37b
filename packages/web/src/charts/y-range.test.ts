import { describe, expect, it } from 'vitest'
import { createSteadyYRange, yRange } from './y-range.ts'

describe('yRange', () => {
  it.each([
    ['a gauge: its own values with air', 0, 100, false, [-8, 108]],
    ['a counter: from zero, which has no air below', 50, 100, true, [0, 108]],
    ['a counter below zero: up to zero', -100, -50, true, [-108, 0]],
    ['a counter on both sides', -50, 50, true, [-58, 58]],
    ['a flat line', 50, 50, false, [45, 55]],
    ['a flat line below zero', -50, -50, false, [-55, -45]],
    ['all zeros', 0, 0, true, [-1, 1]],
    ['no data', Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, false, [0, 1]],
  ])('of %s', (_, min, max, includeZero, range) => {
    expect(yRange(min, max, includeZero)).toEqual(range)
  })
})

describe('createSteadyYRange', () => {
  it('grows at once, shrinks after three quiet seconds, and starts anew on a reset', () => {
    const steady = createSteadyYRange()
    expect(steady([0, 10], 0, false)).toEqual([0, 10])
    expect(steady([-5, 12], 100, false)).toEqual([-5, 12])
    expect(steady([0, 5], 200, false)).toEqual([-5, 12])
    expect(steady([0, 20], 300, false)).toEqual([-5, 20])
    expect(steady([0, 5], 3199, false)).toEqual([-5, 20])
    expect(steady([0, 5], 3200, false)).toEqual([0, 5])
    expect(steady([1, 2], 3300, true)).toEqual([1, 2])
  })
})
