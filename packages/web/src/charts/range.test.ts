import { describe, expect, it } from 'vitest'
import { ALL, fixedRange, formatRange, panned, parseRange, spanOf, zoomed } from './range.ts'

const whole = { from: 1_000_000, to: 4_600_000 }

describe('parseRange', () => {
  it.each([
    ['all', { kind: 'all' }],
    ['live:1m', { kind: 'live', span: '1m' }],
    ['live:5m', { kind: 'live', span: '5m' }],
    ['live:1h', { kind: 'live', span: '1h' }],
    ['fixed:1700000000000-1700000600000', { kind: 'fixed', from: 1.7e12, to: 1.7000006e12 }],
  ])('reads %s, and formatRange writes it back', (text, range) => {
    expect(parseRange(text)).toEqual(range)
    expect(formatRange(parseRange(text))).toBe(text)
  })

  it.each([
    [undefined],
    [7],
    [''],
    ['live:2m'],
    ['fixed:5-5'],
    ['fixed:9-1'],
    ['fixed:a-b'],
    ['live:'],
  ])('takes %j as All', (text) => expect(parseRange(text)).toEqual(ALL))
})

describe('spanOf', () => {
  it('gives a job that has just begun an axis of ten seconds', () => {
    expect(spanOf(ALL, { from: 1000, to: 1500 })).toEqual({ from: 1000, to: 11_000 })
  })

  it('ends a live range at the end of the data', () => {
    expect(spanOf(parseRange('live:5m'), whole)).toEqual({ from: 4_300_000, to: 4_600_000 })
  })

  it('shows the whole job under a preset longer than it', () => {
    const short = { from: 0, to: 90_000 }
    expect(spanOf(parseRange('live:1h'), short)).toEqual(spanOf(ALL, short))
  })

  it('never moves a fixed range', () => {
    expect(spanOf({ kind: 'fixed', from: 5, to: 9 }, whole)).toEqual({ from: 5, to: 9 })
  })
})

describe('zooming', () => {
  it('keeps the time under the pointer where it is', () => {
    expect(zoomed({ from: 2_000_000, to: 3_000_000 }, 2_250_000, 0.5, whole)).toEqual({
      kind: 'fixed',
      from: 2_125_000,
      to: 2_625_000,
    })
  })

  it('is All again once it reaches both ends', () => {
    expect(zoomed({ from: 1_100_000, to: 4_500_000 }, 2_000_000, 2, whole)).toEqual(ALL)
  })

  it('stops at a tenth of a second', () => {
    expect(fixedRange(2_000_000, 2_000_001, whole)).toEqual({
      kind: 'fixed',
      from: 1_999_951,
      to: 2_000_051,
    })
  })

  it.each([
    [-9e9, { kind: 'fixed', from: 1_000_000, to: 1_500_000 }],
    [100, { kind: 'fixed', from: 2_000_100, to: 2_500_100 }],
    [9e9, { kind: 'fixed', from: 4_100_000, to: 4_600_000 }],
  ])('pans by %d ms inside the job', (byMs, range) => {
    expect(panned({ from: 2_000_000, to: 2_500_000 }, byMs, whole)).toEqual(range)
  })
})
