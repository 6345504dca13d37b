import { describe, expect, it } from 'vitest'
import { countOf, formatRate, formatTick, formatValue } from './value-format.ts'

describe('formatValue', () => {
  it.each([
    [null, '–'],
    [Number.NaN, '–'],
    [0, '0'],
    [30, '30'],
    [-3, '−3'],
    [0.1, '0.1'],
    [0.30000000000000004, '0.3'],
    [0.123456789, '0.123457'],
    [1234.5678, '1,234.57'],
    [1234567, '1,234,567'],
    [123456789.123, '123,456,789'],
    [1.2e12, '1.2e12'],
    [0.0000123, '1.23e-5'],
    [-0.0000123, '−1.23e-5'],
  ])('writes %d as %s', (value, text) => expect(formatValue(value)).toBe(text))
})

describe('formatTick', () => {
  it.each([
    [0, 5, '0'],
    [15, 5, '15'],
    [0.25, 0.05, '0.25'],
    [0.2, 0.05, '0.2'],
    [-20, 10, '−20'],
    [2000, 500, '2,000'],
    [25_000, 5000, '25k'],
    [2_500_000, 500_000, '2,500k'],
    [1e-9, 1e-9, '1e-9'],
  ])('writes %d with marks %d apart as %s', (value, step, text) =>
    expect(formatTick(value, step)).toBe(text),
  )
})

describe('formatRate', () => {
  it.each([
    [0, '0/s'],
    [0.5, '+0.5/s'],
    [-2, '−2/s'],
    [0.01, '+0.6/min'],
    [1234.56, '+1,234.6/s'],
  ])('writes %d as %s', (rate, text) => expect(formatRate(rate)).toBe(text))
})

describe('countOf', () => {
  it.each([
    [0, '0 samples'],
    [1, '1 sample'],
    [12_000, '12,000 samples'],
  ])('writes %d as %s', (count, text) => expect(countOf(count, 'sample')).toBe(text))
})
