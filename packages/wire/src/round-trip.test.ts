import { describe, expect, it } from 'vitest'
import { encodeLine } from './encode-line.ts'
import { LineReader } from './line-reader.ts'

/** All of them with PLOTLINE_LONG=1; a sample of them in the suite. */
const DOUBLES = process.env['PLOTLINE_LONG'] === '1' ? 1_000_000 : 50_000
const PER_DATAGRAM = 500

/** Every finite double, tiny or huge, is as likely as any other. */
function randomDouble(): number {
  const view = new DataView(new ArrayBuffer(8))
  do {
    view.setUint32(0, Math.random() * 2 ** 32)
    view.setUint32(4, Math.random() * 2 ** 32)
  } while (!Number.isFinite(view.getFloat64(0)))
  return view.getFloat64(0)
}

describe('a value that is written and read', () => {
  it(`comes back bit for bit: ${DOUBLES} random doubles`, { timeout: 120_000 }, () => {
    const reader = new LineReader()
    const changed: number[] = []
    for (let done = 0; done < DOUBLES; done += PER_DATAGRAM) {
      const values = Array.from({ length: PER_DATAGRAM }, randomDouble)
      reader.load(Buffer.from(values.map((value) => encodeLine('loss', value, 'g')).join('\n')))
      for (const value of values) {
        const isSame = reader.next() === 'sample' && Object.is(reader.values[0], value)
        if (!isSame) changed.push(value)
      }
      expect(reader.next()).toBe('end')
    }
    expect(changed).toEqual([])
  })
})
