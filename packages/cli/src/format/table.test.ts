import { describe, expect, it } from 'vitest'
import { formatFields, formatTable } from './table.ts'
import { cutText, plainLine, textWidth } from './width.ts'

describe('formatTable', () => {
  it('aligns columns by what a terminal shows, not by characters', () => {
    const columns = [{ title: 'NAME' }, { title: 'LAST', align: 'right' as const }, { title: 'T' }]
    const rows = [
      ['\u001b[31mred\u001b[0m', '1', 'x'],
      ['損失', '1000000', ''],
    ]
    expect(formatTable(columns, rows)).toEqual([
      'NAME     LAST  T',
      '\u001b[31mred\u001b[0m         1  x',
      '損失  1000000',
    ])
  })
})

describe('formatFields', () => {
  it('aligns the values', () => {
    expect(
      formatFields([
        ['id', 'j1'],
        ['state', 'Running'],
        ['tags', ''],
      ]),
    ).toEqual(['id     j1', 'state  Running', 'tags'])
  })
})

describe('cutText', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['損失損失', 5, '損失…'],
  ])('cuts %s to %i columns', (text, width, expected) => {
    expect(cutText(text, width)).toBe(expected)
    expect(textWidth(cutText(text, width))).toBeLessThanOrEqual(width)
  })
})

describe('plainLine', () => {
  it('keeps no control character', () => {
    expect(plainLine('a\u001b[2Jb\r\nc\u0007d\u2028e')).toBe('ab c d e')
  })
})
