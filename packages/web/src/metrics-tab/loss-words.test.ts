import { describe, expect, it } from 'vitest'
import { lossWords } from './loss-words.ts'

const at = (minute: number): number => new Date(2026, 10, 23, 13, minute).getTime()

describe('lossWords', () => {
  it.each([
    [[], []],
    [
      [
        { t: at(20), kind: 'kernel' as const, count: 100 },
        { t: at(21), kind: 'kernel' as const, count: 20 },
      ],
      ['About 120 datagrams were lost at 13:20–13:21 (receive buffer full).'],
    ],
    [
      [{ t: at(20), kind: 'client' as const, count: 1200 }],
      ["About 1,200 datagrams were lost at 13:20 (dropped by the job's own client)."],
    ],
  ])('of %j', (marks, words) => expect(lossWords(marks)).toEqual(words))
})
