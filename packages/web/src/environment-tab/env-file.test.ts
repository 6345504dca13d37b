import { describe, expect, it } from 'vitest'
import { asEnvFile } from './env-file.ts'

describe('asEnvFile', () => {
  it.each([
    [{}, ''],
    [{ A: '1', PATH: '/usr/bin:/bin' }, 'A=1\nPATH=/usr/bin:/bin\n'],
    [{ A: 'two words' }, 'A="two words"\n'],
    [{ A: 'say "hi" for $5' }, 'A="say \\"hi\\" for \\$5"\n'],
    [{ A: 'one\ntwo' }, 'A="one\\ntwo"\n'],
    [{ A: '' }, 'A=\n'],
  ])('writes %j', (env, text) => expect(asEnvFile(env)).toBe(text))
})
