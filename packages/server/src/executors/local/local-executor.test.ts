import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { executorContract } from '../../jobs/executor.contract.ts'
import { jobFixture } from '../../jobs/job-fixture.contract.ts'
import { openLocalExecutor } from './local-executor.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'plotline-executor-'))
const baseEnv = { PATH: process.env['PATH'] ?? '', PLOTLINE_API_KEY: 'not for jobs' }
const open = () =>
  openLocalExecutor({ dataDir, clientsPythonDir: '/clients/python', baseEnv, killAfterMs: 500 })

executorContract('local', open, dataDir)

describe('the local executor', () => {
  it('knows a job as lost when its shim was killed, and ends what the shim watched', async () => {
    const executor = open()
    const job = jobFixture({ command: 'sleep 300' })
    await executor.start(job, { host: '127.0.0.1', port: 1, jobPort: 2 })
    const record = JSON.parse(readFileSync(join(dataDir, 'jobs', job.id, 'shim.json'), 'utf8'))
    process.kill(record.shim.pid, 'SIGKILL')
    expect(await executor.ended(job.id)).toMatchObject({
      kind: 'lost',
      reason: expect.stringContaining('exit code is not known'),
    })
    await executor.stop(job.id)
    expect(() => readFileSync(`/proc/${record.command.pid}/environ`, 'latin1')).toThrow(
      /ENOENT|ESRCH/,
    )
    await executor.remove(job.id)
    await executor.close()
  })

  it('signals no stranger who has the pid of a job of old', async () => {
    const executor = open()
    const job = jobFixture({ command: 'sleep 300' })
    await executor.start(job, { host: '127.0.0.1', port: 1, jobPort: 2 })
    await executor.stop(job.id)
    const path = join(dataDir, 'jobs', job.id, 'shim.json')
    const record = JSON.parse(readFileSync(path, 'utf8'))
    const stranger = spawn('sleep', ['300'], { detached: true })
    const pid = stranger.pid ?? 0
    writeFileSync(
      path,
      JSON.stringify({
        ...record,
        command: { ...record.command, pid },
        shim: { ...record.shim, pid },
      }),
    )
    await executor.stop(job.id)
    expect(() => process.kill(pid, 0)).not.toThrow()
    stranger.kill('SIGKILL')
    await executor.remove(job.id)
    await executor.close()
  })
})
