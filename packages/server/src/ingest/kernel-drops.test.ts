import { describe, expect, it } from 'vitest'
import { DropCounter, parseDrops } from './kernel-drops.ts'

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1157: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 53124 2 0000000000000000 42
 1158: 00000000:1FBE 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 53125 2 0000000000000000 7
 1159: 0200007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 53126 2 0000000000000000 9
 1160: 00000000000000000000000001000000:1FBD 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 53127 2 0000000000000000 3
`

describe('parseDrops', () => {
  it.each([
    ['127.0.0.1', [[8125, 42]]],
    ['0.0.0.0', [[8126, 7]]],
    ['::1', [[8125, 3]]],
  ])('finds what was dropped at %s', (address, drops) => {
    expect([...parseDrops(TABLE, address)]).toEqual(drops)
  })

  it('finds nothing where there is no table', () => {
    expect(parseDrops('', '127.0.0.1').size).toBe(0)
  })
})

describe('DropCounter', () => {
  it('counts from one reading to the next, and anew for a new socket', () => {
    const counter = new DropCounter()
    const read = (total: number): number => counter.since(1, new Map([[1, total]]))
    expect([read(5), read(5), read(9)]).toEqual([5, 0, 4])
    counter.forget(1)
    expect(read(2)).toBe(2)
  })
})
