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
    [
      [{ t: at(20), kind: 'storage' as const, count: 1 }],
      ['About 1 sample was lost at 13:20 (no room to store them).'],
    ],
    [
      [
        { t: at(20), kind: 'storage' as const, count: 700 },
        { t: at(59), kind: 'storage' as const, count: 9300 },
      ],
      ['About 10,000 samples were lost at 13:20–13:59 (no room to store them).'],
    ],
  ])('of %j', (marks, words) => expect(lossWords(marks)).toEqual(words))
})
