import { describe, expect, it } from 'vitest'
import { diskShares } from './disk-shares.ts'

describe('diskShares', () => {
  it.each([
    ['roomy', 100, 60, 10, 15, { jobs: 15, other: 25, free: 50, kept: 10 }],
    ['nearly full', 100, 4, 10, 15, { jobs: 15, other: 81, free: 0, kept: 4 }],
    ['measured before files went', 100, 95, 10, 15, { jobs: 5, other: 0, free: 85, kept: 10 }],
  ])('add up to a disk that is %s', (_, totalBytes, freeBytes, minFreeBytes, jobs, shares) => {
    expect(diskShares({ totalBytes, freeBytes, minFreeBytes }, jobs)).toEqual(shares)
  })
})
