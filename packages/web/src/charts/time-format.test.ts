import { describe, expect, it } from 'vitest'
import {
  formatAgo,
  formatClock,
  formatClockMs,
  formatInterval,
  formatMoment,
  formatTimeTick,
} from './time-format.ts'

const noon = new Date(2026, 10, 23, 12, 0, 5, 42).getTime()
const midnight = new Date(2026, 10, 24).getTime()

describe('times of day', () => {
  it('are those of the place the person is in', () => {
    expect(formatClock(noon)).toBe('12:00:05')
    expect(formatClockMs(noon)).toBe('12:00:05.042')
  })

  it('carry their day only where it is another one', () => {
    expect(formatMoment(noon, noon + 1000)).toBe('12:00:05')
    expect(formatMoment(noon, midnight)).toBe('23 Nov 12:00:05')
  })

  it.each([
    [100, undefined, '12:00:05.042'],
    [1000, undefined, '12:00:05'],
    [3_600_000, noon - 3_600_000, '12:00:05'],
    [3_600_000, noon - 13 * 3_600_000, '23 Nov'],
    [86_400_000, undefined, '23 Nov'],
  ])('mark an axis with %d ms between marks', (stepMs, before, text) => {
    expect(formatTimeTick(noon, stepMs, before)).toBe(text)
  })
})

describe('formatInterval', () => {
  it.each([
    [1.26, '1.3 ms'],
    [94, '0.09 s'],
    [350, '0.35 s'],
    [2000, '2.0 s'],
    [64_000, '64 s'],
    [150_000, '2.5 min'],
    [9_000_000, '2.5 h'],
  ])('writes %d ms as %s', (ms, text) => expect(formatInterval(ms)).toBe(text))
})

describe('formatAgo', () => {
  it.each([
    [500, 'just now'],
    [14_000, '14 s ago'],
    [125_000, '2 min ago'],
    [7_300_000, '2 h ago'],
    [5 * 86_400_000, '5 days ago'],
  ])('writes %d ms as %s', (ms, text) => expect(formatAgo(ms)).toBe(text))
})
