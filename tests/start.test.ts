import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { Job } from '@plotline/api'
import { beforeAll, describe, expect, it } from 'vitest'
import { withFolder } from './lib/folder.ts'
import { eventually, ROOT } from './lib/server.ts'

/** What `npm start` says, line by line, until its link. */
interface Started {
  readonly process: ChildProcess
  readonly output: string
  readonly link: URL
  readonly tookMs: number
}

let folder: string
let clone: string
const data = (): string => join(folder, 'data')

withFolder((made) => (folder = made))
beforeAll(() => {
  clone = join(folder, 'plotline')
  const { status, stderr } = spawnSync('git', ['clone', '--quiet', ROOT, clone], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
})

describe('npm start on a fresh clone', () => {
  it('installs, builds, serves, and has the toy job sending; the second time it only serves', async () => {
    const first = await npmStart()
    expect(first.output).toMatch(/^Installing/m)
    expect(first.output).toMatch(
      /^listening http:\/\/127\.0\.0\.1:\d+ data=.* statsd=127\.0\.0\.1:\d+$/m,
    )
    const id = first.link.pathname.split('/')[2] ?? ''
    const { metrics } = await eventually(
      () =>
        read<{ metrics: { name: string; samples: number }[] }>(
          first.link,
          `/api/v1/jobs/${id}/metrics`,
        ),
      (answer) => answer.metrics.every(({ samples }) => samples >= 2),
    )
    expect(metrics.map(({ name }) => name)).toEqual(['testMetric1', 'testMetric2'])
    await stop(first.process)

    const second = await npmStart()
    expect(second.output).not.toMatch(/Installing|Building/)
    expect(second.link.pathname).toBe(first.link.pathname)
    const { jobs } = await read<{ jobs: Job[] }>(second.link, '/api/v1/jobs')
    expect(jobs).toMatchObject([{ id, name: 'toy', state: 'Running' }])
    await read(second.link, `/api/v1/jobs/${id}`, 'DELETE')
    await stop(second.process)
  }, 600_000)
})

function npmStart(): Promise<Started> {
  const start = Date.now()
  const child = spawn(
    'npm',
    ['start', '--', '--data', data(), '--port', '0', '--statsd-port', '0'],
    {
      cwd: clone,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  )
  let output = ''
  return new Promise((done, fail) => {
    const hear = (chunk: unknown): void => {
      output += String(chunk)
      const link = /Live graphs: +(\S+)/.exec(output)?.[1]
      if (link) done({ process: child, output, link: new URL(link), tookMs: Date.now() - start })
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('exit', (code) => fail(new Error(`npm start ended with ${code}: ${output}`)))
  })
}

/** As Ctrl-C in a terminal: the whole foreground group hears it. */
async function stop(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit')
  const ended = new Promise((done) => child.once('exit', done))
  if (child.pid) process.kill(-child.pid, 'SIGINT')
  await ended
}

async function read<T>(link: URL, path: string, method = 'GET'): Promise<T> {
  const key = link.hash.replace('#key=', '')
  const response = await fetch(new URL(path, link.origin), {
    method,
    headers: { 'x-api-key': key },
  })
  return (await response.json()) as T
}
