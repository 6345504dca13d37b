import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NumberReader } from './number-reader.ts'

const reader = new NumberReader()

function read(text: string): number {
  return reader.read(Buffer.from(text), 0, text.length)
}

describe('NumberReader', () => {
  it('reads the shortest text of any double back, bit for bit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(read(Object.is(value, -0) ? '-0' : String(value))).toBe(value)
      }),
      { numRuns: 20_000 },
    )
  })

  it.each([
    ['16 digits below one', () => Math.random().toFixed(16)],
    ['17 digits', () => (Math.random() * 10).toPrecision(17)],
    ['19 digits', () => (Math.random() * 1000).toFixed(16)],
    ['a float32 as Python writes it', () => String(Math.fround(Math.random() / 1e4))],
    [
      'whole numbers around 2^53 and 2^63',
      () => String(BigInt(Math.floor(Math.random() * 2 ** 53)) * 1021n),
    ],
    [
      'a whole number of 19 digits',
      () => `9${String(Math.random()).slice(2, 12)}${String(Math.random()).slice(2, 10)}`,
    ],
  ])('rounds %s as Number does', (_what, make) => {
    const wrong = Array.from({ length: 20_000 }, make).filter((text) => read(text) !== Number(text))
    expect(wrong).toEqual([])
  })

  it('rounds ties and their neighbours as Number does', () => {
    const ties = [2n ** 53n + 1n, 2n ** 54n + 2n, 2n ** 60n + 128n, 2n ** 62n + 512n]
    const texts = ties.flatMap((tie) =>
      [-1n, 0n, 1n].flatMap((step) => [`${tie + step}`, `${tie + step}.0`, `0${tie + step}`]),
    )
    expect(texts.map(read)).toEqual(texts.map(Number))
  })

  it.each([
    '',
    '+',
    '-',
    '.',
    '-.',
    'e1',
    '.e1',
    '1e',
    '1e+',
    'nan',
    'inf',
    '1e309',
    '-1e999999999999',
  ])('finds no number in %j', (text) => {
    expect(read(text)).toBeNaN()
  })

  it.each([
    ['12abc', 12, 2],
    ['1.5.5', 1.5, 3],
    ['-0', -0, 2],
    ['0e99999999999', 0, 13],
    ['1e-99999999999', 0, 14],
    ['000000000000000000000000012', 12, 27],
    ['0x10', 0, 1],
    ['1_000', 1, 1],
  ])('reads %j as %f and stops behind it', (text, value, end) => {
    expect(read(text)).toBe(value)
    expect(reader.end).toBe(end)
  })
})
