import { describe, expect, it } from 'vitest'
import { formatNumber } from './number.ts'

describe('formatNumber', () => {
  it.each([
    [null, '-'],
    [0, '0'],
    [-3, '-3'],
    [9_007_199_254_740_991, '9007199254740991'],
    [0.1 + 0.2, '0.3'],
    [12_345.678, '12345.7'],
    [1e-7, '1e-7'],
    [1.23456789e21, '1.23457e+21'],
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
})
