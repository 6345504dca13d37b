import { describe, expect, it } from 'vitest'
import { completionScript, SHELLS } from './completion.ts'

const COMMANDS = [
  { path: '', words: ['jobs', '--help'] },
  { path: 'jobs', words: ['list'] },
  { path: 'jobs list', words: ['--state'] },
]

describe('completionScript', () => {
  it.each(SHELLS)('holds every word for %s', (shell) => {
    const script = completionScript(shell, COMMANDS)
    for (const word of ['jobs', 'list', 'state']) expect(script).toContain(word)
  })

  it('refuses a shell that it does not know', () => {
    expect(() => completionScript('tcsh', COMMANDS)).toThrow('Shells: bash, zsh, fish.')
  })
})
