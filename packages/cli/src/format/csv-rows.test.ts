import { describe, expect, it } from 'vitest'
import { csvRows } from './csv-rows.ts'

describe('csvRows', () => {
  it.each([[1], [7], [1000]])('reads rows whole from chunks of %i bytes', async (size) => {
    const csv = Buffer.from('t,name,type,last\n1700000000000,loss,gauge,0.1\n5,1e3,counter,-2\n')
    let text = ''
    for await (const piece of csvRows(chunks(csv, size))) text += piece
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { t: 1_700_000_000_000, name: 'loss', type: 'gauge', last: 0.1 },
      { t: 5, name: '1e3', type: 'counter', last: -2 },
    ])
  })
})

async function* chunks(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
