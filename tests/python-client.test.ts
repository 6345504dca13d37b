import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

const PACKAGE = resolve(import.meta.dirname, '../clients/python')

it('the Python client passes its own tests under the installed python3', () => {
  const ran = spawnSync('python3', ['-m', 'unittest', 'discover', '-s', 'tests', '-v'], {
    cwd: PACKAGE,
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
  if (ran.error) throw ran.error
  const [, count = '0', seconds] = /Ran (\d+) tests? in ([\d.]+)s/.exec(ran.stderr) ?? []
  expect(ran.status, ran.stderr).toBe(0)
  expect(Number(count)).toBeGreaterThan(0)
  console.log(`python client: ${count} tests passed in ${seconds} s`)
})
