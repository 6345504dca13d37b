import { describe, expect, it } from 'vitest'
import {
  addNames,
  caseWarnings,
  namesProblem,
  removeName,
  splitPasted,
  splitTyped,
  suggestionsFor,
} from './metric-tags.ts'

describe('splitPasted', () => {
  it.each([
    ['testMetric1, testMetric2', ['testMetric1', 'testMetric2']],
    ['a;b\tc\nd\r\n e ', ['a', 'b', 'c', 'd', 'e']],
    ['"a", \'b\' `c`', ['a', 'b', 'c']],
    [',, ,', []],
  ])('takes %j as %j', (text, pieces) => {
    expect(splitPasted(text)).toEqual(pieces)
  })
})

describe('splitTyped', () => {
  it.each([
    ['los', [], 'los'],
    ['loss,', ['loss'], ''],
    [' a b ,c', ['a b'], 'c'],
    [',,', [], ''],
  ])('takes %j as %j and goes on with %j', (text, done, rest) => {
    expect(splitTyped(text)).toEqual({ done, rest })
  })
})

describe('addNames', () => {
  it('says what it did, in the words of the count', () => {
    expect(addNames(['a'], ['testMetric1'])).toEqual({
      names: ['a', 'testMetric1'],
      said: 'testMetric1 added, 2 metrics.',
    })
  })
  it('keeps a bad name and says what is wrong with it', () => {
    expect(addNames([], ['loss.val'])).toEqual({
      names: ['loss.val'],
      said: 'loss.val is not valid: contains full stop.',
    })
  })
  it('adds no name twice', () => {
    expect(addNames(['a'], ['a', 'b', 'b'])).toEqual({
      names: ['a', 'b'],
      said: 'a is already in the list. b added, 2 metrics.',
    })
  })
  it('puts an edited name back where it was', () => {
    expect(addNames(['a', 'c'], ['b'], 1).names).toEqual(['a', 'b', 'c'])
  })
})

describe('removeName', () => {
  it('says what is left', () => {
    expect(removeName(['a', 'b'], 1)).toEqual({ names: ['a'], said: 'b removed, 1 metric.' })
  })
})

describe('caseWarnings', () => {
  it('tells twins apart by case alone', () => {
    expect(caseWarnings(['testMetric1', 'x', 'testmetric1'])).toEqual([
      'testmetric1 and testMetric1 are different metrics: names are case-sensitive.',
    ])
  })
})

describe('namesProblem', () => {
  it.each([
    [['a', 'b'], undefined],
    [['a.b', 'b'], 'Custom Metrics has 1 invalid name.'],
    [['a.b', 'c d'], 'Custom Metrics has 2 invalid names.'],
    [
      Array.from({ length: 104 }, (_, i) => `m${i}`),
      'A job can have up to 100 custom metrics. You entered 104.',
    ],
  ])('of %j is %j', (names, problem) => {
    expect(namesProblem(names)).toBe(problem)
  })
})

describe('suggestionsFor', () => {
  it.each([
    ['', [], ['loss', 'lr', 'Lag']],
    ['l', ['loss'], ['lr', 'Lag']],
    ['la', [], ['Lag']],
    ['x', [], []],
  ])('offers for "%s" beside %j %j', (text, names, offered) => {
    expect(suggestionsFor(text, names, ['loss', 'lr', 'loss', 'Lag'])).toEqual(offered)
  })
})
