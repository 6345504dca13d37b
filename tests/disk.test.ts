import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { JobDeleted, ServerInfo, Storage } from '@plotline/api'
import { describe, expect, it, onTestFinished } from 'vitest'
import { spareDataFolder } from './lib/data-folder.ts'
import { integritiesOf } from './lib/integrity.ts'
import { eventually, startServer, type TestServer } from './lib/server.ts'
import { mountSmallDisk, type SmallDisk } from './lib/small-disk.ts'

const MIB = 2 ** 20
const probe = mountSmallDisk(MIB)
probe?.remove()
if (!probe)
  console.warn('SKIPPED: this user may not mount a disk, so the tests of full disks are skipped.')

const JOB = { command: 'sleep 600', customMetrics: ['steps', 'loss'] }
const info = async (server: TestServer) =>
  (await server.api<ServerInfo>('GET', '/api/v1/server')).body
const total = async (server: TestServer, id: string) =>
  (await server.metrics(id)).metrics[0]?.last ?? 0
const stoppedIs = (server: TestServer, isStopped: boolean) =>
  eventually(
    () => info(server),
    ({ stopped }) => (stopped !== null) === isStopped,
    10_000,
  )

const samplesIn = (series: Awaited<ReturnType<TestServer['data']>>) =>
  series.flatMap(({ count }) => count).reduce((sum, count) => sum + count, 0)

/** Increments and values of a job, so many datagrams. */
async function sendSome(server: TestServer, id: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await server.send(`steps:1|c|#container_name:${id}\nloss:${i}.25|g|#container_name:${id}`)
}

const newDisk = (sizeBytes: number): SmallDisk => {
  const disk = mountSmallDisk(sizeBytes)
  if (!disk) throw new Error('no disk')
  onTestFinished(() => disk.remove())
  return disk
}
const start = async (dataDir: string, ...flags: string[]): Promise<TestServer> => {
  const server = await startServer(dataDir, flags)
  onTestFinished(async () => void (await server.stop()))
  return server
}

describe.skipIf(!probe)('a disk that fills', () => {
  it('stops the taking of samples before it is full, reads and deletions go on, and it is taken up by itself', async () => {
    const disk = newDisk(48 * MIB)
    const dataDir = join(disk.dir, 'data')
    const server = await start(dataDir)
    const [kept, gone] = [await server.run(JOB), await server.run(JOB)]
    await sendSome(server, kept.id, 100)
    await sendSome(server, gone.id, 100)
    await eventually(
      () => total(server, gone.id),
      (sum) => sum === 100,
    )

    disk.fill(MIB)
    const { stopped, disk: told } = await stoppedIs(server, true)
    expect(stopped?.reason).toMatch(/free space, or delete jobs/)
    expect(told.freeBytes).toBeLessThan(told.minFreeBytes)
    await sendSome(server, kept.id, 10)
    const { refused, lossMarks } = await eventually(
      () => server.metrics(kept.id),
      (metrics) => metrics.refused['storage_full']?.count === 20,
    )
    expect(refused['storage_full']?.hint).toMatch(/no room/)
    expect(lossMarks).toMatchObject([{ kind: 'storage', count: 20 }])
    const samples = await fetch(`${server.url}/api/v1/jobs/${kept.id}/samples`, {
      method: 'POST',
      headers: { 'x-api-key': server.key, 'content-type': 'text/plain' },
      body: 'steps:1|c',
    })
    expect(samples.status).toBe(507)

    disk.fill(0)
    expect(await total(server, kept.id)).toBe(100)
    expect(samplesIn(await server.data(kept.id))).toBe(200)
    expect((await server.api('POST', '/api/v1/jobs', JOB)).status).toBe(507)
    const deletion = await server.api<JobDeleted>('DELETE', `/api/v1/jobs/${gone.id}`)
    expect(deletion.status).toBe(200)
    expect(deletion.body.bytesFreed).toBeGreaterThan(0)
    expect(existsSync(join(dataDir, 'jobs', gone.id))).toBe(false)
    // A command that ends on the full disk is seen to have ended.
    await server.api('POST', `/api/v1/jobs/${kept.id}/stop`)
    await eventually(
      () => server.job(kept.id),
      ({ state }) => state === 'Cancelled',
    )

    disk.drain()
    await stoppedIs(server, false)
    const next = await server.run(JOB)
    await sendSome(server, next.id, 50)
    await eventually(
      () => total(server, next.id),
      (sum) => sum === 50,
    )
    await server.stop()
    expectIntegrity(dataDir)

    const again = await start(dataDir)
    expect(await total(again, kept.id)).toBe(100)
    expect(await total(again, next.id)).toBe(50)
    expect((await again.metrics(kept.id)).refused['storage_full']?.count).toBe(20)
    expect((await again.api<Storage>('GET', '/api/v1/storage')).body).toMatchObject({
      stopped: null,
      jobCount: 2,
      damage: [],
    })
    for (const { id } of [kept, next]) await again.api('DELETE', `/api/v1/jobs/${id}`)
  }, 90_000)

  it('loses nothing that was accepted, also where it fills between two looks at it', async () => {
    const disk = newDisk(32 * MIB)
    const dataDir = join(disk.dir, 'data')
    const server = await start(dataDir, '--min-free', '0')
    const { id } = await server.run(JOB)
    const sending = new AbortController()
    onTestFinished(() => sending.abort())
    const sent = (async () => {
      for (; !sending.signal.aborted; await delay(10)) await sendSome(server, id, 20)
    })()
    await eventually(
      () => total(server, id),
      (sum) => sum > 200,
    )
    disk.fill(0)
    await stoppedIs(server, true)
    await delay(1500)
    expect((await server.api('GET', '/healthz')).status).toBe(200)
    disk.drain()
    await stoppedIs(server, false)
    await delay(1500)
    sending.abort()
    await sent
    await server.stop()
    expectIntegrity(dataDir)
    const again = await start(dataDir)
    const { metrics, received } = await again.metrics(id)
    expect((metrics[0]?.last ?? 0) + (metrics[1]?.samples ?? 0)).toBe(received)
    expect(metrics[0]?.last).toBe(metrics[0]?.samples)
    await again.api('DELETE', `/api/v1/jobs/${id}`)
  }, 90_000)

  it('that cannot be written to at all is told when the server starts', async () => {
    const disk = newDisk(8 * MIB)
    const dataDir = join(disk.dir, 'data')
    mkdirSync(dataDir)
    execFileSync('mount', ['-o', 'remount,ro', disk.dir])
    await expect(startServer(dataDir)).rejects.toThrow(
      /The data folder .* cannot be written: .*--data DIR/,
    )
  })
})

describe('a disk that fails', () => {
  it('costs nothing that was accepted once it works again', async () => {
    const data = spareDataFolder()
    const server = await data.start()
    const { id } = await server.run(JOB)
    await sendSome(server, id, 100)
    await eventually(
      () => total(server, id),
      (sum) => sum === 100,
    )
    // Writes beyond the limit of a file's size fail as those of a broken disk do.
    await limitFiles(server, 4096)
    await sendSome(server, id, 100)
    await eventually(
      () => info(server),
      ({ warnings }) => warnings.some((text) => text.includes('takes no samples at the moment')),
    )
    expect(await total(server, id)).toBe(200)
    expect(samplesIn(await server.data(id))).toBe(400)
    await limitFiles(server, 'unlimited')
    await eventually(
      () => info(server),
      ({ warnings }) => warnings.length === 0,
    )
    await server.stop('SIGKILL')
    expectIntegrity(data.dir)
    const again = await data.start()
    expect(await total(again, id)).toBe(200)
    await again.api('DELETE', `/api/v1/jobs/${id}`)
  }, 60_000)
})

async function limitFiles({ process: { pid } }: TestServer, limit: number | string): Promise<void> {
  const limiter = spawn('prlimit', ['--pid', String(pid), `--fsize=${limit}:unlimited`])
  const [code] = (await once(limiter, 'exit')) as [number]
  expect(code).toBe(0)
}

function expectIntegrity(dataDir: string): void {
  for (const [path, integrity] of integritiesOf(dataDir)) expect(integrity, path).toBe('ok')
}
