import * as fc from 'fast-check'
import { LOSS } from '../metrics/metric-store.contract.ts'
import { describe, expect, it } from 'vitest'
import { CSV_HEADER, seriesCsv } from './series-csv.ts'

describe('seriesCsv', () => {
  it('writes a row a point, in the order of the header', () => {
    expect(CSV_HEADER).toBe('t,name,type,last,min,max,mean,count\n')
    expect(csv([1_700_000_000_000, 0.1], [2.5, -3], [1, 2 ** 53 - 1])).toBe(
      '1700000000000,loss,gauge,2.5,2.5,2.5,2.5,1\n' +
        '0.1,loss,gauge,-3,-3,-3,-3,9007199254740991\n',
    )
    expect(csv([], [], [])).toBe('')
  })

  it('writes numbers that read back as the same doubles', () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.integer(),
      fc.constantFrom(0, -0, 9, 10, -10, 99, 100, 2 ** 53, -(2 ** 53), 5e-324, Number.MAX_VALUE),
    )
    fc.assert(
      fc.property(fc.array(numbers), (values) => {
        const ones = values.map(() => 1)
        const rows = csv(values, values, ones).split('\n').slice(0, -1)
        const read = rows.map((row) => row.split(',').filter((_, column) => column % 3 === 0))
        expect(read.map(([t, last]) => [Number(t), Number(last)])).toEqual(
          values.map((value) => [value, value]),
        )
      }),
    )
  })
})

function csv(t: readonly number[], values: readonly number[], count: readonly number[]): string {
  const last = Float64Array.from(values)
  return seriesCsv({
    name: LOSS,
    type: 'gauge',
    level: 0,
    gridMs: 0,
    t: Float64Array.from(t),
    last,
    min: last,
    max: last,
    mean: last,
    count: Float64Array.from(count),
    estimated: new Uint8Array(last.length),
  }).toString()
}
