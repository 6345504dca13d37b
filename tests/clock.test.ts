import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newDataFolder, type DataFolder } from './lib/data-folder.ts'
import { LIBFAKETIME } from './lib/libfaketime.ts'
import { eventually, type TestServer } from './lib/server.ts'

const YEAR_MS = 365 * 86_400_000
/** Samples of each metric between two jumps, one each 100 ms. */
const SAMPLES = 12

let data: DataFolder
let clockFile: string
let server: TestServer
const sent = new Map<string, number>()
beforeAll(async () => {
  data = newDataFolder()
  clockFile = `${data.dir}.clock`
  setClock('+0')
  server = await start()
})
afterAll(async () => {
  await data.remove()
  rmSync(clockFile)
})

describe.skipIf(LIBFAKETIME === undefined)('a clock that jumps by ten years', () => {
  it('loses no live sample and takes no series back in time, while the server runs and across restarts', async () => {
    const { id } = await server.run(JOB)
    await send(id)
    setClock('+10y')
    await send(id)
    setClock('-10y')
    await send(id)
    await restart('SIGTERM')
    await send(id)
    setClock('+0')
    await restart('SIGKILL', id)
    await send(id)

    await expectAll(id)
    const [loss] = await server.data(id, '?names=loss&points=100000')
    const times = loss?.t ?? []
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(9 * YEAR_MS)
    // The day of today and that of ten years on are drawn by themselves as by the whole.
    const middle = (times[0] ?? 0) + 5 * YEAR_MS
    const [before] = await server.data(id, `?names=loss&points=4&to=${middle}`)
    const [after] = await server.data(id, `?names=loss&points=4&from=${middle}`)
    expect(sum(before?.count) + sum(after?.count)).toBe(sent.get(id))
    await server.api('DELETE', `/api/v1/jobs/${id}`)
  }, 120_000)

  it('takes samples of jobs that began while it stood ahead or behind', async () => {
    setClock('+10y')
    const ahead = await server.run(JOB)
    setClock('-10y')
    const behind = await server.run(JOB)
    await restart('SIGTERM')
    for (const { id } of [ahead, behind]) {
      await send(id)
      setClock('+0')
      await send(id)
      await expectAll(id)
      await server.api('DELETE', `/api/v1/jobs/${id}`)
    }
  }, 120_000)

  it('takes samples of a job that began ahead of a clock that was set back before anything was stored', async () => {
    await data.remove()
    data = newDataFolder()
    setClock('+10y')
    server = await start()
    const { id } = await server.run(JOB)
    setClock('+0')
    await restart('SIGKILL', id)
    await send(id)
    await expectAll(id)
    await server.api('DELETE', `/api/v1/jobs/${id}`)
  }, 120_000)
})

if (LIBFAKETIME === undefined)
  console.warn(
    'SKIPPED: without libfaketime no clock can be made to jump (apt-get install libfaketime).',
  )

const JOB = { command: ['sleep', '100000'], customMetrics: ['loss', 'steps'] }

const start = (): Promise<TestServer> =>
  data.start([], {
    LD_PRELOAD: LIBFAKETIME,
    FAKETIME_TIMESTAMP_FILE: clockFile,
    FAKETIME_NO_CACHE: '1',
    // What the kernel counts since it started does not jump.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  })

const setClock = (offset: string): void => writeFileSync(clockFile, `${offset}\n`)

/** With SIGKILL once everything that was sent is stored: it is not the crash that is looked at here. */
async function restart(signal: NodeJS.Signals, id?: string): Promise<void> {
  if (id !== undefined) await sleep(2500)
  const { pid } = server.process
  await server.stop(signal)
  // Left behind by the library where it had no time to clean up.
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`])
    rmSync(join('/dev/shm', name), { force: true })
  server = await start()
}

/** The next numbers as values of a gauge, and as many counts. */
async function send(id: string): Promise<void> {
  for (let i = 0; i < SAMPLES; i++) {
    const n = (sent.get(id) ?? 0) + 1
    await server.send(`loss:${n}|g|#container_name:${id}\nsteps:1|c|#container_name:${id}`)
    sent.set(id, n)
    await sleep(100)
  }
}

/** Every sample is there, in order, at times that never go back, in points as well as in buckets. */
async function expectAll(id: string): Promise<void> {
  const count = sent.get(id) ?? 0
  await eventually(
    () => server.metrics(id),
    ({ metrics }) => metrics.length === 2 && metrics.every(({ samples }) => samples === count),
  )
  const [loss, steps] = await server.data(id, '?names=loss,steps&points=100000')
  const numbers = Array.from({ length: count }, (_, i) => i + 1)
  expect(loss?.last.at(-1)).toBe(count)
  expect(loss?.last.length === count ? loss.last : numbers).toEqual(numbers)
  expect(sum(loss?.count)).toBe(count)
  expect(steps?.last.at(-1)).toBe(count)
  for (const { t, last } of [loss, steps].flatMap((one) => one ?? [])) {
    expect(t).toEqual(t.toSorted((a, b) => a - b))
    expect(last).toEqual(last.toSorted((a, b) => a - b))
  }
  const [drawn] = await server.data(id, '?names=loss&points=5')
  expect(sum(drawn?.count)).toBe(count)
}

const sum = (values: readonly number[] = []): number => values.reduce((all, one) => all + one, 0)
