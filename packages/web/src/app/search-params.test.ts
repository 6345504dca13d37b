import { describe, expect, it } from 'vitest'
import { parseSearch, stringifySearch } from './search-params.ts'

describe('stringifySearch', () => {
  it.each([
    [{}, ''],
    [{ q: '' }, ''],
    [{ q: undefined, state: 'Running' }, '?state=Running'],
    [{ q: 'a b&c' }, '?q=a+b%26c'],
    [{ range: 'fixed:1700000000-1700000600' }, '?range=fixed:1700000000-1700000600'],
    [{ q: '1+1' }, '?q=1%2B1'],
  ])('writes %j as %s', (search, text) => {
    expect(stringifySearch(search)).toBe(text)
  })

  it.each([[{ q: 'a b&c=d+e:f,g%20é' }], [{ range: 'live:5m', q: '123' }]])(
    'comes back from the URL as %j',
    (search) => {
      expect(parseSearch(stringifySearch(search))).toEqual(search)
    },
  )
})
