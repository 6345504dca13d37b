import { describe, expect, it } from 'vitest'
import { readTime } from './time-argument.ts'

describe('readTime', () => {
  const now = Date.UTC(2026, 10, 23, 12)
  it.each([
    ['now', now],
    ['5m', now - 300_000],
    ['-1.5h', now - 5_400_000],
    ['1700000000000', 1_700_000_000_000],
    ['2026-11-23T11:00:00Z', now - 3_600_000],
    ['2026-11-23', now - 43_200_000],
  ])('reads %s', (text, expected) => {
    expect(readTime(text, now)).toBe(expected)
  })

  it.each([[''], ['5'], ['yesterday'], ['5m ago'], ['2026-13-45'], ['12 Nov 2026']])(
    'refuses %j',
    (text) => {
      expect(readTime(text, now)).toBeUndefined()
    },
  )
})
