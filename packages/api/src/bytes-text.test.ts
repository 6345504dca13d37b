import { describe, expect, it } from 'vitest'
import { bytesText } from './bytes-text.ts'

describe('bytesText', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [2_100_000, '2.1 MB'],
    [999_600, '1.0 MB'],
    [512_000_000, '512 MB'],
  ])('writes %i as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text)
  })
})
