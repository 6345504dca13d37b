import { describe, expect, it } from 'vitest'
import { filterOf, isNarrowed, searchOf, sortAfterClick } from './jobs-search.ts'

describe('searchOf', () => {
  it.each([
    [{}, {}],
    [
      { state: 'Running', q: 'toy', x: '1' },
      { state: 'running', q: 'toy' },
    ],
    [{ state: 'nonsense', q: '', tag: 7, sort: 'size' }, {}],
    [
      { tag: 'a', sort: 'name' },
      { tag: 'a', sort: 'name' },
    ],
    [{ sort: '-created' }, {}],
  ])('reads %j as %j', (given, search) => {
    expect(searchOf(given)).toEqual(search)
  })
})

describe('filterOf', () => {
  it('asks for the newest first where the address says nothing', () => {
    expect(filterOf({})).toEqual({ sort: '-created' })
  })
})

describe('isNarrowed', () => {
  it('is false for a list that is only sorted', () => {
    expect(isNarrowed({ sort: 'name' })).toBe(false)
    expect(isNarrowed({ tag: 'a' })).toBe(true)
  })
})

describe('sortAfterClick', () => {
  it.each([
    ['-created', 'created', 'created'],
    ['name', 'created', '-created'],
    ['-created', 'name', 'name'],
    ['name', 'name', '-name'],
    ['-state', 'state', 'state'],
  ] as const)('turns %s at a click on %s into %s', (sort, column, after) => {
    expect(sortAfterClick(sort, column)).toBe(after)
  })
})
