import { describe, expect, it } from 'vitest'
import { hashOf } from './byte-table.ts'
import { RecentNames } from './recent-names.ts'

/** Reads the name before the colon of `line`; tells whether it was the expected one. */
function read(names: RecentNames, line: string): boolean {
  const bytes = Uint8Array.from(Buffer.from(line))
  const view = new DataView(bytes.buffer)
  const end = line.indexOf(':')
  if (names.expect(view, 0, bytes.length) === end) return true
  names.put(view, 0, end, hashOf(bytes, 0, end))
  return false
}

describe('RecentNames', () => {
  it('expects the name that came after this one the last time', () => {
    const names = new RecentNames()
    const lines = ['loss:1', 'steps:1', 'lr:1', 'loss:2', 'steps:2', 'lr:2', 'loss:3']
    expect(lines.map((line) => read(names, line)).slice(4)).toEqual([true, true, true])
  })

  it('takes no name for another that begins or ends like it', () => {
    const names = new RecentNames()
    for (let i = 0; i < 3; i++) read(names, 'loss:1')
    expect(['los:1', 'losss:1', 'Loss:1', 'loss'].map((line) => read(names, line))).not.toContain(
      true,
    )
  })

  it('gives a name the same place and serial as long as it is remembered', () => {
    const names = new RecentNames()
    const seen = new Map<string, string>()
    for (let i = 0; i < 5000; i++) {
      const name = `n${(i * 7919) % 600}`
      read(names, `${name}:1`)
      const id = `${names.place}/${names.serial}`
      expect(seen.get(id) ?? name).toBe(name)
      seen.set(id, name)
    }
  })
})
