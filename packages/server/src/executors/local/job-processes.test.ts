import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { processesOf } from './job-processes.ts'
import { identify, isAlive } from './process-identity.ts'

describe('isAlive', () => {
  it('knows this process, and no other by its number', () => {
    const me = identify(process.pid)
    expect(isAlive(me)).toBe(true)
    expect(isAlive({ ...me, startTicks: '1' })).toBe(false)
    expect(isAlive({ ...me, bootId: 'another boot' })).toBe(false)
  })

  it('takes a zombie for dead', async () => {
    // The shell becomes a sleep, which never asks for its child's end.
    const script = 'sleep 0.05 & echo $!; exec sleep 300'
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = await once(parent.stdout, 'data')
    const child = identify(Number(String(line)))
    while (isAlive(child)) await new Promise((done) => setTimeout(done, 10))
    expect(identify(child.pid).startTicks).toBe(child.startTicks)
    parent.kill('SIGKILL')
    await once(parent, 'exit')
  })
})

describe('processesOf', () => {
  it('finds by environment what has no leader any more, and not what has another id', async () => {
    const mine = spawn('sleep', ['300'], { env: envOf('jtest') })
    const other = spawn('sleep', ['300'], { env: envOf('jtest2') })
    await Promise.all([once(mine, 'spawn'), once(other, 'spawn')])
    expect(processesOf({ jobId: 'jtest', leader: undefined })).toEqual([mine.pid])
    for (const child of [mine, other]) child.kill('SIGKILL')
    await Promise.all([once(mine, 'exit'), once(other, 'exit')])
  })
})

const envOf = (id: string) => ({ PATH: process.env['PATH'], PS_JOB_ID: id })
