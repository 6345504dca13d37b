import { describe, expect, it } from 'vitest'
import { formatBytes, formatNumber } from './number.ts'

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

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [2_100_000, '2.1 MB'],
    [3e15, '3000.0 TB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})
