import type { JobState } from '@plotline/api'
import { describe, expect, it } from 'vitest'
import { exitCodeOf } from './run.ts'

describe('exitCodeOf', () => {
  it.each<[JobState, number | null, number]>([
    ['Stopped', 0, 0],
    ['Failed', 3, 3],
    ['Failed', 137, 137],
    ['Failed', null, 1],
    ['Error', null, 1],
    ['Cancelled', 143, 130],
    ['Cancelled', 0, 130],
  ])('of a job that is %s with %s is %i', (state, exitCode, expected) => {
    expect(exitCodeOf({ state, exitCode })).toBe(expected)
  })
})
