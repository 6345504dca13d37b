import { createSocket, type Socket } from 'node:dgram'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newDataFolder, type DataFolder } from './lib/data-folder.ts'
import { newFolder, removeFolder } from './lib/folder.ts'
import { databasesIn, integrityOf } from './lib/integrity.ts'
import { eventually, type TestServer } from './lib/server.ts'

const ROUNDS = process.env['PLOTLINE_LONG'] === '1' ? 200 : 20
const DELETE_EVERY_ROUNDS = 4
const JOBS = 6
const GAUGES = 99
const COUNTER = 'steps'
/** 5,000 samples a second in all, and no metric more than the ten that are kept as points of their own. */
const SEND_EVERY_MS = 120
const MAX_UP_MS = 2500
/** Up for less, a round leaves its checks to the next. */
const MIN_CHECKED_UP_MS = 700
/**
 * What may be lost before a kill. A sample waits at most 1 s for its tick to be cut, and then for the commit: a hand-over to
 * another thread and a sync of the disk. That takes milliseconds where nobody else wants the machine; the line at the end tells
 * how old what was lost really was.
 */
const TICK_MS = 1000
const COMMIT_MS = 1000
/** After `ready`: what the kernel held for a job that the new server did not know yet. */
const TAKEN_UP_MS = 500
/** Or three times what the first start on an empty folder took, where others want the machine too. */
const MAX_MEDIAN_READY_MS = 2000

interface Down {
  readonly killedAt: number
  readonly readyAt: number
}

/** Sends each metric of each job its next number, whether anybody hears it or not. */
interface Sender {
  /** When number n was sent, from 1. */
  readonly sentAt: readonly number[]
  readonly jobs: Set<string>
  stop(): void
}

let data: DataFolder
let flags: readonly string[]
let socket: Socket
let server: TestServer
let firstReadyMs: number
beforeAll(async () => {
  data = newDataFolder()
  socket = createSocket('udp4')
  flags = ['--statsd-port', String(await freeUdpPort())]
  const start = performance.now()
  server = await data.start(flags)
  firstReadyMs = performance.now() - start
})
afterAll(async () => {
  socket.close()
  await data.remove()
})

describe('kill -9 of the server at any moment, under 5,000 samples a second', () => {
  it(
    'loses nothing older than a second, repeats nothing, harms no file and no job, and ends deletions',
    async () => {
      const ids: string[] = []
      for (let i = 0; i < JOBS; i++) ids.push((await server.run(jobOf(`job-${i}`))).id)
      const sender = startSending()
      for (const id of ids) sender.jobs.add(id)
      const readings = new Map(ids.map((id) => [id, newReading()]))
      const downs: Down[] = []
      const deletions = { ended: 0, unheard: 0 }
      const readyMs: number[] = []
      const oldestMs: number[] = []
      try {
        for (let round = 1; round <= ROUNDS; round++) {
          const victim = round % DELETE_EVERY_ROUNDS === 0 ? await newVictim(sender) : undefined
          const readyAt = downs.at(-1)?.readyAt ?? Date.now()
          const upMs = Math.random() * MAX_UP_MS
          if (upMs >= MIN_CHECKED_UP_MS)
            for (const [id, reading] of readings) await readOn(id, reading)
          await sleep(Math.max(0, readyAt + upMs - Date.now()))
          if (victim !== undefined) await beginDeletion(victim)

          const killedAt = Date.now()
          await server.stop('SIGKILL')
          expectWholeFiles()
          const start = performance.now()
          server = await data.start(flags)
          readyMs.push(performance.now() - start)
          downs.push({ killedAt, readyAt: Date.now() })
          for (const id of ids) expect(await server.job(id)).toMatchObject({ state: 'Running' })
          if (victim !== undefined) deletions[await endOfVictim(victim, sender)]++
        }
        await sleep(2 * TICK_MS)
        for (const [id, reading] of readings) {
          await readOn(id, reading)
          const { lost } = await server.metrics(id)
          oldestMs.push(oldestLost(reading, sender.sentAt, downs, lost.kernel))
          await expectTotal(id, reading, sender.sentAt.length)
          expect(readFileSync(join(workspaceOf(id), 'runs'), 'utf8')).toBe('run\n')
        }
        report(readings, readyMs, oldestMs, deletions)
        expect(median(readyMs)).toBeLessThanOrEqual(Math.max(MAX_MEDIAN_READY_MS, 3 * firstReadyMs))
        expect(deletions.ended).toBeGreaterThan(0)
      } finally {
        sender.stop()
        if (server.process.exitCode !== null || server.process.signalCode !== null)
          server = await data.start(flags)
        for (const id of ids) await server.api('DELETE', `/api/v1/jobs/${id}`)
      }
    },
    60_000 + ROUNDS * 10_000,
  )
})

const ignore = (): void => undefined
const names = Array.from({ length: GAUGES }, (_, i) => `m${i}`)
const jobOf = (name: string): object => ({
  name,
  command: ['sh', '-c', 'echo run >> runs; exec sleep 100000'],
  customMetrics: [...names, COUNTER],
})
const workspaceOf = (id: string): string => join(data.dir, 'jobs', id, 'workspace')

async function freeUdpPort(): Promise<number> {
  const probe = createSocket('udp4')
  await new Promise<void>((done) => probe.bind(0, '127.0.0.1', done))
  const { port } = probe.address()
  await new Promise<void>((done) => probe.close(() => done()))
  return port
}

function startSending(): Sender {
  const sentAt: number[] = []
  const jobs = new Set<string>()
  const port = Number(flags[1])
  const timer = setInterval(() => {
    const n = sentAt.push(Date.now())
    for (const id of jobs) {
      const lines = [...names.map((name) => `${name}:${n}|g`), `${COUNTER}:1|c`]
      for (let i = 0; i < lines.length; i += 25) {
        const some = lines.slice(i, i + 25).map((line) => `${line}|#container_name:${id}`)
        socket.send(some.join('\n'), port, '127.0.0.1', ignore)
      }
    }
  }, SEND_EVERY_MS)
  return { sentAt, jobs, stop: () => clearInterval(timer) }
}

/** What was read of a job so far: per gauge the numbers that are stored, and how many increments. */
interface Reading {
  readonly gauges: Map<string, number[]>
  through: number
  increments: number
  total: number
}

const newReading = (): Reading => ({ gauges: new Map(), through: 0, increments: 0, total: 0 })

/** Reads what is settled since the last time: numbers ascend, none is there twice, and totals are those of the increments. */
async function readOn(id: string, reading: Reading): Promise<void> {
  const to = Date.now() - 2 * TICK_MS
  if (to <= reading.through) return
  const query = `?points=100000&from=${reading.through}&to=${to}`
  for (const { name, type, gridMs, last, min, count } of await server.data(id, query)) {
    expect(gridMs).toBe(0)
    if (type === 'counter') {
      for (const [i, total] of last.entries()) {
        reading.increments += count[i] ?? 0
        expect(total, `${name} of ${id}`).toBe(reading.increments)
      }
      continue
    }
    const numbers = reading.gauges.get(name) ?? []
    reading.gauges.set(name, numbers)
    for (const [i, end] of last.entries()) {
      const first = min[i] ?? end
      expect(first, `${name} of ${id}`).toBeGreaterThan(numbers.at(-1) ?? 0)
      expect(end - first + 1).toBe(count[i])
      for (let n = first; n <= end; n++) numbers.push(n)
    }
  }
  reading.through = to
}

/**
 * Each number that is not there was sent while the server was down, or just before: gives how long before at most, in ms. Others may
 * be as many as the datagrams that the kernel dropped, by the server's own account: a machine that is too busy.
 */
function oldestLost(
  { gauges }: Reading,
  sentAt: readonly number[],
  downs: readonly Down[],
  droppedDatagrams: number,
): number {
  expect(gauges.size).toBe(GAUGES)
  let oldestMs = 0
  for (const [name, numbers] of gauges) {
    const stored = new Set(numbers)
    const unexplained: string[] = []
    for (let n = numbers[0] ?? 0; n < (numbers.at(-1) ?? 0); n++) {
      if (stored.has(n)) continue
      const at = sentAt[n - 1] ?? 0
      const down = downs.find(({ readyAt }) => at <= readyAt + TAKEN_UP_MS)
      const ageMs = (down?.killedAt ?? Infinity) - at
      if (ageMs <= TICK_MS + COMMIT_MS) oldestMs = Math.max(oldestMs, ageMs)
      else unexplained.push(`${n}, sent ${ageMs} ms before a kill`)
    }
    if (unexplained.length > droppedDatagrams)
      throw new Error(`${name} lost ${unexplained.join('; ')}; the kernel ${droppedDatagrams}`)
  }
  return oldestMs
}

async function expectTotal(id: string, reading: Reading, sent: number): Promise<void> {
  const { metrics } = await server.metrics(id)
  const steps = metrics.find(({ name }) => name === COUNTER)
  expect(steps?.last).toBe(steps?.samples)
  expect(steps?.last).toBeGreaterThanOrEqual(reading.increments)
  expect(steps?.last).toBeLessThanOrEqual(sent)
}

/** Looked at in copies, so that it is the server that recovers its files. */
function expectWholeFiles(): void {
  const copy = newFolder()
  try {
    for (const file of databasesIn(data.dir)) {
      for (const suffix of ['', '-wal'])
        if (existsSync(join(data.dir, file + suffix)))
          cpSync(join(data.dir, file + suffix), join(copy, file + suffix))
      expect(integrityOf(join(copy, file)), file).toBe('ok')
    }
  } finally {
    removeFolder(copy)
  }
}

/** A job with data, to be deleted. */
async function newVictim(sender: Sender): Promise<string> {
  const { id } = await server.run(jobOf('victim'))
  sender.jobs.add(id)
  await eventually(
    () => server.metrics(id),
    ({ metrics }) => metrics.length > 0 && metrics.every(({ samples }) => samples > 0),
  )
  return id
}

/** The kill comes before it, in it, or just after. */
async function beginDeletion(id: string): Promise<void> {
  void server.api('DELETE', `/api/v1/jobs/${id}`).catch(ignore)
  await sleep(Math.random() ** 3 * 40)
}

/** Where the deletion was heard, it ends with the next start; where it was not, the job is there as before. */
async function endOfVictim(id: string, sender: Sender): Promise<'ended' | 'unheard'> {
  const { status } = await server.api('GET', `/api/v1/jobs/${id}`)
  sender.jobs.delete(id)
  if (status === 200) {
    expect(await server.job(id)).toMatchObject({ state: 'Running' })
    await server.api('DELETE', `/api/v1/jobs/${id}`)
  }
  await eventually(
    () => existsSync(join(data.dir, 'jobs', id)),
    (isThere) => !isThere,
  )
  expect((await server.api('GET', `/api/v1/jobs/${id}`)).status).toBe(404)
  expect((await server.api('GET', `/api/v1/jobs/${id}/metrics`)).status).toBe(404)
  return status === 200 ? 'unheard' : 'ended'
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

function report(
  readings: ReadonlyMap<string, Reading>,
  readyMs: readonly number[],
  oldestMs: readonly number[],
  deletions: { readonly ended: number; readonly unheard: number },
): void {
  const numbers = [...readings.values()].flatMap(({ gauges }) => [...gauges.values()])
  const stored = numbers.reduce((sum, { length }) => sum + length, 0)
  console.log(
    `${readyMs.length} kills, ${stored} points read back, none wrong or twice; the oldest that was lost was sent ${Math.max(...oldestMs)} ms before the kill; ready after ${Math.round(median(readyMs))} ms ` +
      `(median), ${Math.round(Math.max(...readyMs))} ms at most; deletions that were cut: ${deletions.ended} ended, ${deletions.unheard} not heard`,
  )
}
