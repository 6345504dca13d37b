import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { commandLine } from './command-line.ts'
import { jobFixture } from './job-fixture.contract.ts'
import { jobJson } from './job-json.ts'

describe('jobJson', () => {
  it('masks what was called secret and what sounds so', () => {
    const job = jobFixture({
      env: { PLAIN: '1', MINE: '2', AWS_SECRET_ACCESS_KEY: '3', wandb_api_key: '4', DbPasswd: '5' },
      secrets: ['MINE', 'NOT_THERE'],
    })
    expect(jobJson(job, 0).env).toEqual({
      PLAIN: '1',
      MINE: '********',
      AWS_SECRET_ACCESS_KEY: '********',
      wandb_api_key: '********',
      DbPasswd: '********',
    })
  })

  it('shows nothing that is the server’s own', () => {
    const shown = jobJson(jobFixture({ statsdPort: 4, stopRequested: true }), 7)
    expect(Object.keys(shown)).not.toEqual(
      expect.arrayContaining(['statsdPort', 'stopRequested', 'secrets']),
    )
    expect(shown.bytes).toBe(7)
  })
})

describe('commandLine', () => {
  it.each([
    ['echo "as typed" $HOME', 'echo "as typed" $HOME'],
    [['python', 'main.py', '--lr=0.1'], 'python main.py --lr=0.1'],
    [['echo', "it's", '', 'a b', '$HOME'], `echo 'it'\\''s' '' 'a b' '$HOME'`],
  ])('shows %j as %s', (command, line) => {
    expect(commandLine(command)).toBe(line)
  })

  it('writes a list as a shell reads it', () => {
    const words = ["it's", '', 'a  b', '$HOME', '`x`', '*', '\\', '"', 'é\n']
    const line = commandLine(['printf', '%s\\0', ...words])
    expect(execFileSync('/bin/sh', ['-c', line]).toString().split('\0').slice(0, -1)).toEqual(words)
  })
})
