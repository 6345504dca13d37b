import { describe, expect, it } from 'vitest'
import { countText, valueText } from './number-text.ts'

describe('valueText', () => {
  it.each([
    [0, '0'],
    [30, '30'],
    [-71, '-71'],
    [123_456, '123,456'],
    [0.25, '0.25'],
    [0.1 + 0.2, '0.3'],
    [1234.5678, '1234.568'],
    [0.000_012_3, '1.23e-5'],
    [2_500_000_000, '2.5e9'],
  ])('writes %d as %s', (value, text) => {
    expect(valueText(value)).toBe(text)
  })
})

describe('countText', () => {
  it('minds the plural', () => {
    expect([countText(0, 'job'), countText(1, 'job'), countText(1280, 'job')]).toEqual([
      '0 jobs',
      '1 job',
      '1,280 jobs',
    ])
  })
})
