import { describe, expect, it } from 'vitest'
import { keyOfLink, linkWithoutKey } from './key-of-link.ts'

describe('keyOfLink', () => {
  it.each([
    ['http://127.0.0.1:8400/#key=abc', 'abc'],
    ['/jobs/jabc/metrics?range=all#key=a-b_c', 'a-b_c'],
    ['/jobs/jabc/logs#L12&key=abc', 'abc'],
    ['#key=a%2Fb', 'a/b'],
    ['#key=%E0%A4%A', '%E0%A4%A'],
  ])('reads the key of %s', (link, key) => {
    expect(keyOfLink(link)).toBe(key)
  })

  it.each([['http://127.0.0.1:8400/'], ['/jobs?key=abc'], ['#key='], ['#monkey=abc']])(
    'finds none in %s',
    (link) => {
      expect(keyOfLink(link)).toBeUndefined()
    },
  )
})

describe('linkWithoutKey', () => {
  it.each([
    ['http://127.0.0.1:8400/#key=abc', 'http://127.0.0.1:8400/'],
    ['/jobs/jabc/metrics?range=all#key=abc', '/jobs/jabc/metrics?range=all'],
    ['/jobs/jabc/logs#L12&key=abc', '/jobs/jabc/logs#L12'],
    ['/jobs', '/jobs'],
  ])('makes %s into %s', (link, clean) => {
    expect(linkWithoutKey(link)).toBe(clean)
  })
})
