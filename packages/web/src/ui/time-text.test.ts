import { describe, expect, it } from 'vitest'
import { agoText, durationText } from './time-text.ts'

describe('durationText', () => {
  it.each([
    [-5, '0s'],
    [999, '0s'],
    [59_999, '59s'],
    [62_000, '1m 02s'],
    [3_600_000, '1h 00m'],
    [11_240_000, '3h 07m'],
    [187_200_000, '2d 04h'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})

describe('agoText', () => {
  it.each([
    [-1000, 'just now'],
    [4000, 'just now'],
    [42_000, '42 seconds ago'],
    [60_000, '1 minute ago'],
    [7_200_000, '2 hours ago'],
    [259_200_000, '3 days ago'],
  ])('writes %i ms before as %s', (ms, text) => {
    expect(agoText(0, ms)).toBe(text)
  })
})
