import { describe, expect, it } from 'vitest'
import { ByteTable, hashOf } from './byte-table.ts'

function add(table: ByteTable, text: string): number {
  const bytes = Buffer.from(`..${text}..`)
  const end = bytes.length - 2
  return table.add(bytes, 2, end, hashOf(bytes, 2, end))
}

function find(table: ByteTable, text: string): number {
  const bytes = Buffer.from(text)
  return table.find(bytes, 0, bytes.length, hashOf(bytes, 0, bytes.length))
}

describe('ByteTable', () => {
  it('numbers byte strings in the order of their first coming', () => {
    const table = new ByteTable(8)
    expect(['a', 'bc', 'a', '__proto__', 'b', 'c'].map((text) => add(table, text))).toEqual([
      0, 1, 0, 2, 3, 4,
    ])
    expect(['bc', 'constructor', ''].map((text) => find(table, text))).toEqual([1, -1, -1])
  })

  it('takes no more than its maximum and still finds what it holds', () => {
    const table = new ByteTable(100)
    const names = Array.from({ length: 1000 }, (_, i) => `${'n'.repeat(i % 128)}${i}`)
    const numbers = names.map((name) => add(table, name))
    expect(numbers.filter((number) => number >= 0)).toHaveLength(100)
    expect(table.size).toBe(100)
    expect(names.map((name) => find(table, name))).toEqual(numbers)
  })

  it('tells strings of equal hash apart', () => {
    const table = new ByteTable(4)
    const [a, b] = [Buffer.from('a'), Buffer.from('b')]
    expect([table.add(a, 0, 1, 7), table.add(b, 0, 1, 7), table.find(b, 0, 1, 7)]).toEqual([
      0, 1, 1,
    ])
  })
})
