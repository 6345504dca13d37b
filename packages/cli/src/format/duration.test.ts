import { describe, expect, it } from 'vitest'
import { formatAgo, formatDuration } from './duration.ts'

describe('formatDuration', () => {
  it.each([
    [-5, '0.0s'],
    [4230, '4.2s'],
    [59_999, '59s'],
    [62_000, '1m 02s'],
    [3_600_000, '1h 00m'],
    [11_100_000, '3h 05m'],
    [187_200_000, '2d 04h'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('formatAgo', () => {
  const now = Date.UTC(2026, 10, 23, 12)
  it.each([
    [-1000, 'just now'],
    [4000, 'just now'],
    [59_000, '59 s ago'],
    [180_000, '3 min ago'],
    [7_200_000, '2 h ago'],
    [172_800_000, '2 d ago'],
    [864_000_000, '2026-11-13'],
  ])('writes %i ms before now as %s', (ms, text) => {
    expect(formatAgo(now - ms, now)).toBe(text)
  })
})
