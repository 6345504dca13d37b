import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLocalExecutor } from '../executors/local/local-executor.ts'
import { openSqliteJobStore } from '../stores/sqlite/sqlite-job-store.ts'
import { openLog } from '../log.ts'
import { unixMs } from '../units.ts'
import type { JobMetricsGate } from './job-metrics-gate.ts'
import { jobFixture } from './job-fixture.contract.ts'
import type { Job } from './job.ts'
import { openJobs, type Jobs } from './jobs.ts'
import type { JobsEvent } from './records.ts'

let dataDir: string
let close: () => Promise<void>
let jobs: Jobs
/** What the metrics were told, in order: `open`, `end`, ... */
let told: string[]

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'plotline-domain-'))
  told = []
  open()
})
afterEach(async () => {
  const { jobs: all } = await jobs.list(EVERYTHING)
  for (const { id } of all) await jobs.delete(id)
  await close()
  rmSync(dataDir, { recursive: true, force: true })
})

describe('submit', () => {
  it('names a job by its number and presets the rest', async () => {
    const job = await jobs.submit({ command: 'true' })
    expect(job).toMatchObject({
      name: 'job 1',
      project: 'default',
      state: 'Pending',
      workspace: null,
      parentId: null,
    })
    expect(job.id).toMatch(/^j[a-z0-9]{12}$/)
  })

  it.each([
    ['an empty command', { command: '  ' }, 'INVALID_JOB'],
    ['a NUL in the command', { command: ['a', 'b\0'] }, 'INVALID_JOB'],
    ['a bad name in the environment', { command: 'true', env: { '1A': '' } }, 'INVALID_JOB'],
    ['a container', { command: 'true', container: 'python:3' }, 'CONTAINER_UNSUPPORTED'],
    [
      'a workspace that is not there',
      { command: 'true', workspace: '/no/such/folder' },
      'WORKSPACE_NOT_FOUND',
    ],
    [
      'a workspace that is a file',
      { command: 'true', workspace: '/etc/passwd' },
      'WORKSPACE_NOT_FOUND',
    ],
    ['a relative workspace', { command: 'true', workspace: 'here' }, 'INVALID_JOB'],
    ['a bad metric name', { command: 'true', customMetrics: 'a.b' }, 'INVALID_METRIC_NAME'],
  ])('refuses %s and creates nothing', async (_what, request, code) => {
    await expect(jobs.submit(request)).rejects.toMatchObject({ code })
    expect((await jobs.list(EVERYTHING)).counts['all']).toBe(0)
  })

  it('sums several bad names up, each with its details', async () => {
    await expect(
      jobs.submit({ command: 'true', customMetrics: ['a b', 'ok', 'c.d'] }),
    ).rejects.toMatchObject({
      message: 'The job was not submitted. 1 problem: Custom Metrics has 2 invalid names.',
      details: [
        { index: 0, suggestion: 'a_b' },
        { index: 2, suggestion: 'c_d' },
      ],
    })
  })

  it('takes samples before the command runs, and has them all stored before the job is seen to be over', async () => {
    const { id } = await jobs.submit({ command: 'true' })
    await over(id)
    expect(told).toEqual([`open ${id}`, `end ${id}`])
  })
})

describe('stop', () => {
  it('makes a job Cancelled, asked once or twice, at the start or later', async () => {
    const { id } = await jobs.submit({ command: 'sleep 300' })
    await Promise.all([jobs.stop(id), jobs.stop(id)])
    expect(await jobs.get(id)).toMatchObject({ state: 'Cancelled' })
    await expect(jobs.stop(id)).rejects.toMatchObject({ code: 'JOB_NOT_RUNNING' })
  })

  it('is Cancelled also where the command then ends well', async () => {
    const { id } = await jobs.submit({
      command: 'trap "exit 0" TERM; while true; do sleep 0.05; done',
    })
    await running(id)
    expect(await jobs.stop(id)).toMatchObject({ state: 'Cancelled', exitCode: 0 })
  })
})

const packed = async (id: string, withSecrets = false): Promise<Uint8Array> =>
  Buffer.concat(await (await jobs.pack(id, withSecrets)).toArray())
const unpack = (bytes: Uint8Array) => jobs.unpack(Readable.from([bytes]))

describe('pack', () => {
  const MAKING = `cd "$PS_ARTIFACTS"; echo made > model.bin; mkdir -p sub/empty; ln -s model.bin link; chmod 600 model.bin
    chmod 500 sub/empty; mkfifo pipe; echo said; echo wrong >&2; exit 3`
  it('makes of a job what unpack brings back whole, under its id', async () => {
    const { id } = await jobs.submit({
      command: MAKING,
      env: { OPEN: 'shown', TOKEN: 'hidden' },
      secrets: ['TOKEN'],
      customMetrics: 'loss',
      tags: ['t'],
    })
    const before = await over(id)
    const log = await jobs.readLog(id, {})
    const [plain, secret] = [await packed(id), await packed(id, true)]
    expect(Buffer.from(plain).includes('hidden')).toBe(false)
    await expect(unpack(plain)).rejects.toMatchObject({ code: 'JOB_EXISTS' })
    expect(await jobs.get(id)).toEqual(before)

    await jobs.delete(id)
    const heard: JobsEvent[] = []
    jobs.onChange((event) => heard.push(event))
    await unpack(secret)
    const after = await jobs.get(id)
    expect(after).toEqual({ ...before, statsdPort: null })
    expect(heard).toEqual([{ type: 'job', job: after }])
    expect(await jobs.readLog(id, {})).toEqual(log)
    const artifacts = join(dataDir, 'jobs', id, 'artifacts')
    expect(readFileSync(join(artifacts, 'model.bin'), 'utf8')).toBe('made\n')
    expect(statSync(join(artifacts, 'model.bin')).mode & 0o777).toBe(0o600)
    expect(statSync(join(artifacts, 'sub/empty')).mode & 0o777).toBe(0o500)
    expect(readlinkSync(join(artifacts, 'link'))).toBe('model.bin')
    expect(existsSync(join(artifacts, 'pipe'))).toBe(false)
    expect(readdirSync(join(dataDir, 'incoming'))).toEqual([])

    await jobs.delete(id)
    await unpack(plain)
    expect((await jobs.get(id)).env).toEqual({ OPEN: 'shown' })
  })

  it('makes a job that runs one that was not over, where it is taken in', async () => {
    const { id } = await jobs.submit({ command: 'echo begun; sleep 300' })
    await running(id)
    while ((await jobs.readLog(id, {})).lines.length === 0) await delay(20)
    const bytes = await packed(id)
    await jobs.delete(id)
    expect(await unpack(bytes)).toMatchObject({
      state: 'Error',
      exitCode: null,
      error: expect.stringContaining('not over when it was exported'),
    })
    expect((await jobs.readLog(id, {})).lines).toMatchObject([{ text: 'begun' }])
  })

  it('leaves nothing of a job that cannot be taken in', async () => {
    const { id } = await jobs.submit({ command: 'true' })
    await over(id)
    const bytes = Buffer.from(await packed(id))
    await jobs.delete(id)
    bytes[bytes.indexOf('true')] = 0x54
    await expect(unpack(bytes)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
    await expect(jobs.get(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
    expect(existsSync(join(dataDir, 'jobs', id))).toBe(false)
    expect(readdirSync(join(dataDir, 'incoming'))).toEqual([])
  })

  it('stops reading where nobody takes the archive any more', async () => {
    const { id } = await jobs.submit({
      command: 'head -c 50000000 /dev/zero > "$PS_ARTIFACTS/big"',
    })
    await over(id)
    const archive = await jobs.pack(id, false)
    await archive[Symbol.asyncIterator]().next()
    archive.destroy()
    while (readdirSync(join(dataDir, 'incoming')).length > 0) await delay(20)
  })
})

describe('delete', () => {
  it.each(['at once', 'while it runs', 'when it is over'])(
    'removes all of a job %s',
    async (when) => {
      const { id } = await jobs.submit({
        command: when === 'when it is over' ? 'true' : 'sleep 300',
      })
      if (when === 'while it runs') await running(id)
      if (when === 'when it is over') await over(id)
      await jobs.delete(id)
      expect(existsSync(join(dataDir, 'jobs', id))).toBe(false)
      expect(told.at(-1)).toBe(`forget ${id}`)
      await expect(jobs.get(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
      await expect(jobs.delete(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
    },
  )

  it('goes on after a stop of the same job began', async () => {
    const { id } = await jobs.submit({ command: 'trap "" TERM; while true; do sleep 0.05; done' })
    await running(id)
    const stopping = jobs.stop(id).catch((error: unknown) => error)
    await jobs.delete(id)
    await stopping
    expect((await jobs.list(EVERYTHING)).jobs).toEqual([])
  })
})

describe('resume', () => {
  it('adopts what runs, under the port that its clients know', async () => {
    const { id } = await jobs.submit({ command: 'sleep 1; exit 7' })
    const { statsdPort } = await running(id)
    await reopen()
    expect(told).toEqual([`open ${id} ${statsdPort}`])
    expect(await over(id)).toMatchObject({ state: 'Failed', exitCode: 7 })
  })

  it('adopts what was started and not yet known to run', async () => {
    const { id } = await jobs.submit({ command: 'sleep 1; exit 7' })
    const { startedAt } = await running(id)
    await close()
    const store = openSqliteJobStore(join(dataDir, 'meta.db'))
    await store.update(id, (job) => ({ ...job, state: 'Pending', startedAt: null }))
    await store.close()
    await reopen()
    expect(await jobs.get(id)).toMatchObject({ state: 'Running', startedAt })
    expect(await over(id)).toMatchObject({ state: 'Failed', exitCode: 7 })
  })

  it('tells of a job that the server stopped too early to start', async () => {
    await close()
    const store = openSqliteJobStore(join(dataDir, 'meta.db'))
    const { id } = await store.create(() => jobFixture({ state: 'Pending' }))
    await store.close()
    await reopen()
    expect(await jobs.get(id)).toMatchObject({
      state: 'Error',
      error: 'The server stopped before the job was started.',
    })
  })

  it('goes on with a stop that was cut short', async () => {
    const { id } = await jobs.submit({ command: 'sleep 300' })
    await running(id)
    await close()
    const store = openSqliteJobStore(join(dataDir, 'meta.db'))
    await store.update(id, (job) => ({ ...job, stopRequested: true }))
    await store.close()
    await reopen()
    expect(await over(id)).toMatchObject({ state: 'Cancelled' })
  })

  it('learns of what ended while no server was there', async () => {
    const { id } = await jobs.submit({ command: 'sleep 0.2' })
    await running(id)
    await close()
    await new Promise((done) => setTimeout(done, 800))
    open()
    await jobs.resume()
    expect(await over(id)).toMatchObject({ state: 'Stopped', exitCode: 0 })
  })

  it('finishes a deletion that was cut short', async () => {
    const { id } = await jobs.submit({ command: 'sleep 300' })
    await running(id)
    await close()
    const store = openSqliteJobStore(join(dataDir, 'meta.db'))
    await store.bury(id)
    await store.close()
    open()
    await jobs.resume()
    while (existsSync(join(dataDir, 'jobs', id))) await new Promise((done) => setTimeout(done, 20))
    expect(told).toContain(`forget ${id}`)
  })
})

describe('patch', () => {
  it('adds metrics to those declared, and tells ingest of them while the job runs', async () => {
    const { id } = await jobs.submit({ command: 'sleep 300', customMetrics: ['a'] })
    const job = await jobs.patch(id, { name: 'renamed', tags: ['t'], customMetrics: 'b, a' })
    expect(job).toMatchObject({ name: 'renamed', tags: ['t'], customMetrics: ['a', 'b'] })
    expect(told.filter((text) => text.startsWith('declare'))).toEqual([`declare ${id} a,b`])
    await expect(jobs.patch(id, { customMetrics: ['c.d'] })).rejects.toMatchObject({
      code: 'INVALID_METRIC_NAME',
    })
    const many = Array.from({ length: 99 }, (_, i) => `m${i}`)
    await expect(jobs.patch(id, { customMetrics: many })).rejects.toMatchObject({
      code: 'TOO_MANY_METRICS',
    })
    expect((await jobs.get(id)).customMetrics).toEqual(['a', 'b'])
  })
})

describe('onChange', () => {
  it('tells each state once, in order', async () => {
    const states: string[] = []
    const stop = jobs.onChange((news) =>
      states.push(news.type === 'job' ? news.job.state : news.type),
    )
    const { id } = await jobs.submit({ command: 'true' })
    await over(id)
    await jobs.delete(id)
    stop()
    expect(states.filter((state, i) => state !== states[i - 1])).toEqual([
      'Pending',
      'Running',
      'Stopped',
      'deleted',
    ])
  })
})

const EVERYTHING = {
  filter: { states: [] },
  order: 'created',
  descending: true,
  limit: 100,
} as const

function open(): void {
  const store = openSqliteJobStore(join(dataDir, 'meta.db'))
  const executor = openLocalExecutor({
    dataDir,
    clientsPythonDir: '/none',
    baseEnv: { PATH: process.env['PATH'] ?? '' },
    killAfterMs: 500,
  })
  const opened = openJobs({
    store,
    executor,
    metrics: gate(),
    clock,
    random: randomBytes,
    scratchDir: join(dataDir, 'incoming'),
    isFolder: async (path) => (await stat(path).catch(() => undefined))?.isDirectory() ?? false,
    log: openLog('silent'),
  })
  jobs = opened
  close = async () => {
    await opened.close()
    await executor.close()
    await store.close()
  }
}

async function reopen(): Promise<void> {
  await close()
  told = []
  open()
  await jobs.resume()
}

const clock = () => unixMs(Date.now())

/** Writes down what it is told; a job keeps the port that it had. */
function gate(): JobMetricsGate {
  return {
    statsd: { host: '127.0.0.1', port: 8125 },
    async open({ id, statsdPort }) {
      told.push(statsdPort === null ? `open ${id}` : `open ${id} ${statsdPort}`)
      return { statsdPort: statsdPort ?? 40_001 }
    },
    async declare(id, names) {
      told.push(`declare ${id} ${names.join(',')}`)
    },
    async end(id) {
      told.push(`end ${id}`)
    },
    bytesOf: async () => 0,
    copy: async () => false,
    adopt: async () => undefined,
    async forget(id) {
      told.push(`forget ${id}`)
      return 0
    },
  }
}

const running = (id: string): Promise<Job> => until(id, ({ state }) => state === 'Running')
const over = (id: string): Promise<Job> => until(id, ({ finishedAt }) => finishedAt !== null)

async function until(id: string, isIt: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await jobs.get(id)
    if (isIt(job)) return job
    await new Promise((done) => setTimeout(done, 20))
  }
}
