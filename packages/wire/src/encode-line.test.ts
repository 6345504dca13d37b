import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeLine } from './encode-line.ts'
import { LineReader } from './line-reader.ts'

describe('encodeLine', () => {
  it.each([
    ['steps', 1, 'c', [], 'steps:1|c'],
    ['loss', -0.5, 'g', [], 'loss:-0.5|g'],
    ['zero', -0, 'g', [], 'zero:-0|g'],
    ['big', 12345678901234567890n, 'c', [], 'big:12345678901234567890|c'],
    ['a', 1e21, 'g', ['container_name:j1', 'x:y'], 'a:1e+21|g|#container_name:j1,x:y'],
    ['a', 1, 'g', ['x,y|z\nb:1'], 'a:1|g|#x_y_z_b:1'],
  ] as const)('writes %s %s as a line', (name, value, type, tags, line) => {
    expect(encodeLine(name, value, type, tags)).toBe(line)
  })

  it.each([
    ['a.b', 1],
    ['', 1],
    ['a', Number.NaN],
    ['a', Number.POSITIVE_INFINITY],
    ['a', 10n ** 400n],
  ])('writes nothing for %j and %s, which a server would refuse', (name, value) => {
    expect(encodeLine(name, value, 'g')).toBeUndefined()
  })

  it('writes doubles that are read back bit for bit', () => {
    const reader = new LineReader()
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        reader.load(Buffer.from(encodeLine('a', value, 'g', ['container_name:j1']) ?? ''))
        expect(reader.next()).toBe('sample')
        expect(reader.values[0]).toBe(value)
      }),
    )
  })
})
