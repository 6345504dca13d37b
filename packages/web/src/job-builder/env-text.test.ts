import { describe, expect, it } from 'vitest'
import { parseEnv } from './env-text.ts'

describe('parseEnv', () => {
  it.each([
    ['A=b', [['A', 'b', false]]],
    [
      'export A="b c"\n# no\n\nB=\'x=y\' ',
      [
        ['A', 'b c', false],
        ['B', 'x=y', false],
      ],
    ],
    [
      'API_TOKEN=1 # comment\r\nLR=0.1',
      [
        ['API_TOKEN', '1', true],
        ['LR', '0.1', false],
      ],
    ],
    ['no line', []],
  ])('reads %j', (text, rows) => {
    expect(parseEnv(text).map(({ name, value, isSecret }) => [name, value, isSecret])).toEqual(rows)
  })
})
