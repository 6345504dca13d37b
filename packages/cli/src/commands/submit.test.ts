import { describe, expect, it } from 'vitest'
import { readVariables } from './submit.ts'

describe('readVariables', () => {
  it('reads values with "=" in them, empty ones, and those of the environment', () => {
    expect(readVariables(['A=b=c', 'E=', 'HERE'], { HERE: 'x' })).toEqual({
      A: 'b=c',
      E: '',
      HERE: 'x',
    })
  })

  it.each([['=x'], ['NOT_SET']])('refuses %s', (text) => {
    expect(() => readVariables([text], {})).toThrow('Write it as NAME=VALUE.')
  })
})
