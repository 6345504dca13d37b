import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ErrorBody, ServerInfo, Storage } from '@plotline/api'
import { afterEach, describe, expect, it } from 'vitest'
import { integritiesOf } from './lib/integrity.ts'
import { DISK_LIBRARY, failingDisk, FAULTS, type FailingDisk } from './lib/preloaded-disk.ts'
import {
  eventually,
  newDataDir,
  removeDataDir,
  startServer,
  type TestServer,
} from './lib/server.ts'

const JOB = { command: 'echo begun; sleep 600', customMetrics: ['steps', 'loss'] }
/** After a deletion the store seals within five seconds, which it looks at each second. */
const SEALED_BY_THEN_MS = 7000
/** A sample is in its tick after a second. */
const STORED_BY_THEN_MS = 2500

const undo: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

describe.skipIf(DISK_LIBRARY === undefined)('a disk with errors', () => {
  it.each(FAULTS)(
    'in all %s ends no server and no job, damages no file, and costs nothing once it works again',
    async (fault) => {
      const dataDir = newFolder()
      const disk = newDisk(dataDir)
      const server = await start(dataDir, disk.env)
      const job = await newSealedJob(server)
      await sendTo(server, job, 100)

      await (await newJob(server)).delete()
      disk.fail(fault)
      await sendTo(server, job, 10)
      await delay(SEALED_BY_THEN_MS)
      await sendTo(server, job, 10)
      expect(disk.failed(fault)).toBeGreaterThan(0)
      const refused =
        fault === 'reads'
          ? [
              `GET /api/v1/jobs/${job.id}/metrics`,
              `GET /api/v1/jobs/${job.id}/metrics/data`,
              `GET /api/v1/jobs/${job.id}/logs`,
            ]
          : ['POST /api/v1/jobs', `DELETE /api/v1/jobs/${job.id}`]
      for (const request of refused) expect(await answerTo(server, request)).toBe('STORAGE_FAILED')
      if (fault !== 'reads') {
        await eventually(
          () => info(server),
          ({ warnings }) => warnings.some((text) => text.includes('takes no samples')),
        )
        expect(await totalOf(server, job)).toBe(job.sent)
      }
      expect((await server.api('GET', '/healthz')).status).toBe(200)

      disk.works()
      await expectAll(server, job)
      await eventually(
        () => info(server),
        ({ warnings }) => warnings.length === 0,
      )
      expect(await server.job(job.id)).toMatchObject({ state: 'Running' })
      expect((await server.api('GET', `/api/v1/jobs/${job.id}/logs`)).status).toBe(200)
      await (await newJob(server)).delete()
      await eventually(
        () => damage(server),
        (found) => found.length === 0,
      )
      await delay(STORED_BY_THEN_MS) // it is not the kill that is looked at here
      await server.stop('SIGKILL')
      expectWholeFiles(dataDir)

      const again = await start(dataDir)
      await expectAll(again, job)
      expect(await again.job(job.id)).toMatchObject({ state: 'Running' })
      expect(await damage(again)).toEqual([])
      await again.api('DELETE', `/api/v1/jobs/${job.id}`)
    },
    90_000,
  )

  it('in one place of a file costs what is in it only for so long', async () => {
    const dataDir = newFolder()
    const first = await start(dataDir)
    const job = await newSealedJob(first)
    await first.stop()

    const hotDb = newDisk(join(dataDir, 'hot.db'))
    hotDb.fail('reads', 4096)
    await expect(startServer(dataDir, [], hotDb.env)).rejects.toThrow(
      /cannot be written or read: .*EIO/,
    )
    expectWholeFiles(dataDir)

    const metricsDb = newDisk(join(dataDir, 'jobs', job.id, 'metrics.db'))
    const server = await start(dataDir, metricsDb.env)
    metricsDb.fail('reads', 1024)
    const data = `GET /api/v1/jobs/${job.id}/metrics/data`
    expect(await answerTo(server, data)).toBe('STORAGE_FAILED')
    metricsDb.works()
    await expectAll(server, job)
    expect(await damage(server)).toEqual([])
    await server.api('POST', `/api/v1/jobs/${job.id}/stop`)
    await server.stop()
    expectWholeFiles(dataDir)
  }, 60_000)
})

interface SentJob {
  readonly id: string
  /** Increments, and values of another metric. */
  sent: number
  delete(): Promise<void>
}

async function newJob(server: TestServer): Promise<SentJob> {
  const { id } = await server.run(JOB)
  return {
    id,
    sent: 0,
    delete: async () => expect((await server.api('DELETE', `/api/v1/jobs/${id}`)).status).toBe(200),
  }
}

/** With samples that are in its own file. */
async function newSealedJob(server: TestServer): Promise<SentJob> {
  const job = await newJob(server)
  await sendTo(server, job, 100)
  await expectAll(server, job)
  await (await newJob(server)).delete()
  await eventually(
    () => existsSync(join(server.dataDir, 'jobs', job.id, 'metrics.db')),
    (isThere) => isThere,
  )
  return job
}

async function sendTo(server: TestServer, job: SentJob, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await server.send(
      `steps:1|c|#container_name:${job.id}\nloss:${i}.25|g|#container_name:${job.id}`,
    )
  job.sent += count
}

/** Each sample is there, once. */
async function expectAll(server: TestServer, job: SentJob): Promise<void> {
  await eventually(
    () => totalOf(server, job),
    (sum) => sum === job.sent,
  )
  const series = await server.data(job.id)
  const samples = series.flatMap(({ count }) => count).reduce((sum, count) => sum + count, 0)
  expect(samples).toBe(2 * job.sent)
}

const totalOf = async (server: TestServer, { id }: SentJob): Promise<number> =>
  (await server.metrics(id)).metrics?.[0]?.last ?? 0

const info = async (server: TestServer): Promise<ServerInfo> =>
  (await server.api<ServerInfo>('GET', '/api/v1/server')).body

const damage = async (server: TestServer): Promise<Storage['damage']> =>
  (await server.api<Storage>('GET', '/api/v1/storage')).body.damage

/** The code of the error. */
async function answerTo(server: TestServer, request: string): Promise<string | undefined> {
  const [method = '', path = ''] = request.split(' ')
  const { body } = await server.api<Partial<ErrorBody>>(
    method,
    path,
    method === 'POST' ? JOB : undefined,
  )
  return body.error?.code
}

function expectWholeFiles(dataDir: string): void {
  for (const [path, integrity] of integritiesOf(dataDir)) expect(integrity, path).toBe('ok')
  const names = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
  expect(names.filter((name) => name.includes('.damaged'))).toEqual([])
}

function newFolder(): string {
  const dataDir = newDataDir()
  undo.push(() => removeDataDir(dataDir))
  return dataDir
}

function newDisk(place: string): FailingDisk {
  const disk = failingDisk(place)
  undo.push(() => disk.remove())
  return disk
}

async function start(dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<TestServer> {
  const server = await startServer(dataDir, [], env)
  undo.push(() => server.stop())
  return server
}
