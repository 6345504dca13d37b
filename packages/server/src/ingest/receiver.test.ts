import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { MetricName } from '@plotline/wire'
import type { BucketBatch, JobAccount } from '../metrics/bucket-batch.ts'
import type { Ingest, JobChange, OpenJob } from '../metrics/ingest.ts'
import type { SeriesSummary } from '../metrics/metric-store.ts'
import { PlotlineError } from '../errors.ts'
import { unixMs, type JobId } from '../units.ts'
import { openReceiver, type ReceiverOptions } from './receiver.ts'

const A = 'jaaaaaaaaaaaa' as JobId
const B = 'jbbbbbbbbbbbb' as JobId
const NAMES = ['loss', 'steps'] as MetricName[]

interface Point {
  readonly jobId: JobId
  readonly name: string
  readonly type: string
  readonly t: number
  readonly last: number
  readonly min: number
  readonly max: number
  readonly count: number
}

/** Keeps batches as a store does: a repeated or stale seq changes nothing. */
function newStore() {
  const batches: BucketBatch[] = []
  const state = {
    refuse: (): boolean => false,
    failure: new Error('disk on fire'),
    attempts: 0,
    room: { totalBytes: 1000, freeBytes: 900, minFreeBytes: 100 },
  }
  return {
    batches,
    state,
    async append(batch: BucketBatch): Promise<void> {
      state.attempts++
      await new Promise((resolve) => setImmediate(resolve))
      if (state.refuse()) throw state.failure
      if (batch.seq > (batches.at(-1)?.seq ?? 0)) batches.push(batch)
    },
    /** What a reader sees: pending batches count unless their seq is stored. */
    points(pending: readonly BucketBatch[] = []): Point[] {
      const stored = batches.at(-1)?.seq ?? 0
      return [...batches, ...pending.filter(({ seq }) => seq > stored)].flatMap(pointsOf)
    },
    accountOf(jobId: JobId): JobAccount | undefined {
      const accounts = batches.flatMap((batch) => batch.accounts)
      return accounts.findLast((account) => account.jobId === jobId)
    },
  }
}

const pointsOf = ({ series, seriesOf, buckets }: BucketBatch): Point[] =>
  Array.from(buckets.t, (t, i) => {
    const key = series[seriesOf[i] ?? 0]
    if (key === undefined) throw new Error('a bucket of no series')
    const { last, min, max, count } = buckets
    return {
      ...key,
      t,
      last: last[i] ?? 0,
      min: min[i] ?? 0,
      max: max[i] ?? 0,
      count: count[i] ?? 0,
    }
  })

const totalOf = (points: readonly Point[], name: string): number =>
  points.filter((point) => point.name === name).reduce((sum, point) => sum + point.last, 0)

/** Where {@link stopTime} lets it stand: half a second before a tick. */
const START = 1_700_000_000_500

/** From here on as much time passes as the test lets {@link pass}; datagrams and the store take none of it. */
const stopTime = (): unknown =>
  vi.useFakeTimers({ now: START, toFake: ['Date', 'setTimeout', 'clearTimeout'] })
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const realTimeout = globalThis.setTimeout

const undo: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const step of undo.splice(0).toReversed()) await step()
})

async function newReceiver(options: Partial<ReceiverOptions> = {}) {
  const store = newStore()
  const changes: JobChange[] = []
  const ingest = await openReceiver({
    host: '127.0.0.1',
    port: 0,
    floorMs: unixMs(0),
    endGraceMs: 60,
    retryMs: 20,
    append: (batch) => store.append(batch),
    room: async () => store.state.room,
    clock: { wall: Date.now, monotonic: Date.now },
    ...options,
  })
  undo.push(() => {
    store.state.refuse = () => false
    return ingest.close()
  })
  ingest.onChange((change) => changes.push(change))
  for (const jobId of [A, B]) await ingest.watch(jobId, true)
  return { ingest, store, changes }
}

const newJob = (jobId: JobId, more: Partial<OpenJob> = {}): OpenJob => ({
  jobId,
  declared: NAMES,
  createdAt: unixMs(Date.now() - 5000),
  stored: { series: [], account: undefined },
  ...more,
})

/** Sends each datagram to the port and resolves when the kernel has them. */
async function send(port: number, ...datagrams: readonly (string | Uint8Array)[]): Promise<void> {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  for (const datagram of datagrams) {
    const bytes = typeof datagram === 'string' ? Buffer.from(datagram, 'latin1') : datagram
    await new Promise((resolve) => socket.send(bytes, resolve))
  }
  socket.close()
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => realTimeout(resolve, 5))
}

const received = async (ingest: Ingest, jobId: JobId): Promise<number> =>
  (await ingest.status(jobId))?.account.received ?? 0

const tag = (jobId: JobId): string => `#container_name:${jobId}`

describe('openReceiver', () => {
  it('tells changes of watched jobs alone, and from the time on that they are', async () => {
    stopTime()
    const { ingest, changes } = await newReceiver()
    await ingest.watch(A, false)
    await ingest.open(newJob(A))
    await send(ingest.statsd.port, `loss:1|g|${tag(A)}`)
    await until(async () => (await received(ingest, A)) === 1)
    await pass(300)
    await ingest.watch(A, true)
    await send(ingest.statsd.port, `steps:1|c|${tag(A)}`)
    await until(async () => (await received(ingest, A)) === 2)
    await pass(300)
    expect(changes.map(({ series }) => series.map(({ name }) => name))).toEqual([['steps']])
  })

  it('stores what comes by the shared socket and by the own one, and all of it before a job has ended', async () => {
    const { ingest, store } = await newReceiver()
    const { statsdPort } = await ingest.open(newJob(A))
    await send(ingest.statsd.port, `steps:2|c|${tag(A)}`, '', '\n')
    await send(statsdPort, 'steps:-5|c\nloss:-0|g\n')
    await ingest.end(A, unixMs(Date.now()))
    expect(totalOf(store.points(), 'steps')).toBe(-3)
    expect(store.points().find(({ name }) => name === 'loss')?.last).toBe(-0)
    expect(store.accountOf(A)).toMatchObject({ received: 3, refused: {} })
    expect(await ingest.pending(A)).toEqual([])
    expect(await ingest.status(A)).toBeUndefined()
  })

  it('stores all that was accepted when asked to, the open second too, and goes on', async () => {
    const { ingest, store } = await newReceiver()
    const { statsdPort } = await ingest.open(newJob(A))
    for (const total of [2, 4]) {
      await send(statsdPort, 'steps:2|c')
      await until(async () => (await received(ingest, A)) === total / 2)
      await ingest.settle()
      expect(totalOf(store.points(), 'steps')).toBe(total)
    }
  })

  it('reads every vector as told', async () => {
    const path = new URL('../../../wire/src/vectors/statsd.json', import.meta.url)
    const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as {
      vectors: {
        id: number
        datagram?: string
        datagram_base64?: string
        expect: { counter: number | null; gauge: number | null; rejected: string[] }
      }[]
    }
    const { ingest, store } = await newReceiver()
    for (const vector of vectors) {
      const jobId = `jvector${String(vector.id).padStart(6, '0')}` as JobId
      const bytes =
        vector.datagram_base64 === undefined
          ? Buffer.from(vector.datagram ?? '', 'latin1')
          : Buffer.from(vector.datagram_base64, 'base64')
      const name = /^[\n]*([A-Za-z0-9_-]{1,128}):/.exec(bytes.toString('latin1'))?.[1] ?? 'none'
      // A tag that names another job has the last word; times lie in 2022.
      const declared = [name as MetricName]
      const { statsdPort } = await ingest.open(newJob(jobId, { declared, createdAt: unixMs(1e12) }))
      await send(statsdPort, bytes)
      const isForeign = vector.datagram?.includes('container_name') ?? false
      const { counter, gauge, rejected } = vector.expect
      if (!isForeign && (counter !== null || gauge !== null))
        await until(async () => (await received(ingest, jobId)) > 0)
      if (rejected.length > 0)
        await until(async () => {
          const refused = (await ingest.status(jobId))?.account.refused ?? {}
          return Object.values(refused).reduce((sum, one) => sum + one.count, 0) > 0
        })
      const points = store.points(await ingest.pending(jobId)).filter((one) => one.jobId === jobId)
      const told = { id: vector.id, counter, gauge, rejected }
      const got = {
        id: vector.id,
        counter: points.some(({ type }) => type === 'counter') ? totalOf(points, name) : null,
        gauge: points.findLast(({ type }) => type === 'gauge')?.last ?? null,
        rejected: Object.entries((await ingest.status(jobId))?.account.refused ?? {})
          .flatMap(([reason, { count }]) => Array.from({ length: count }, () => reason))
          .toSorted(),
      }
      expect(got).toEqual(isForeign ? got : told)
      await ingest.forget(jobId)
    }
  })

  it('separates two jobs that send the same name, also where the tag names another than the socket', async () => {
    const { ingest, store } = await newReceiver()
    const [a, b] = [await ingest.open(newJob(A)), await ingest.open(newJob(B))]
    await send(a.statsdPort, 'steps:1|c', `steps:10|c|${tag(B)}`)
    await send(b.statsdPort, 'steps:100|c')
    await send(ingest.statsd.port, `steps:1000|c|#x:y,container_name:${A}`, 'steps:1|c')
    await ingest.end(A, unixMs(Date.now()))
    await ingest.end(B, unixMs(Date.now()))
    const of = (jobId: JobId): Point[] => store.points().filter((point) => point.jobId === jobId)
    expect([totalOf(of(A), 'steps'), totalOf(of(B), 'steps')]).toEqual([1001, 110])
    expect((await ingest.account()).refused).toMatchObject({ unknown_job: { count: 1 } })
  })

  it('knows a job that has ended, one that ended earlier and one that is gone', async () => {
    const { ingest, store } = await newReceiver()
    await ingest.remember([B])
    const { statsdPort } = await ingest.open(newJob(A))
    expect(await ingest.open(newJob(A))).toEqual({ statsdPort })
    await ingest.end(A, unixMs(Date.now()))
    await send(ingest.statsd.port, `steps:1|c|${tag(A)}`, `steps:1|c|${tag(B)}`)
    await until(async () => (await ingest.account()).refused['job_ended']?.count === 1)
    await until(() => store.accountOf(A)?.refused['job_ended']?.count === 1)
    await ingest.forget(A)
    await send(ingest.statsd.port, `steps:1|c|${tag(A)}`)
    await until(async () => (await ingest.account()).refused['unknown_job']?.count === 1)
  })

  it('tells the first sample at once and what comes after it at most four times a second', async () => {
    stopTime()
    const { ingest, changes } = await newReceiver()
    const { statsdPort } = await ingest.open(newJob(A))
    for (let i = 1; i <= 60; i++) {
      await send(statsdPort, 'steps:1|c')
      await until(async () => (await received(ingest, A)) === i)
      await pass(10)
    }
    await pass(1000)
    const [first] = changes
    expect(first).toMatchObject({ jobId: A, reload: false })
    expect(first?.series).toMatchObject([{ name: 'steps', last: [1], summary: { samples: 1 } }])
    expect(first?.status?.account.received).toBe(1)
    const samplesTold = changes.map(({ t, series }) => [t - START, series[0]?.summary.samples])
    expect(samplesTold).toEqual([
      [10, 1],
      [260, 26],
      [510, 51],
      [760, 60],
    ])
    const shown = new Map<number, number>()
    for (const { series } of changes)
      for (const change of series) {
        for (const t of shown.keys()) if (t >= change.from) shown.delete(t)
        for (const [i, t] of change.t.entries()) shown.set(t, change.last[i] ?? 0)
      }
    expect([...shown.values()].at(-1)).toBe(60)
    expect([...shown.keys()]).toEqual([...shown.keys()].toSorted((a, b) => a - b))
  })

  it('adds exactly and makes a bucket of a second with more than 10 samples', async () => {
    const { ingest, store } = await newReceiver()
    const { statsdPort } = await ingest.open(newJob(A))
    await send(statsdPort, 'steps:0.1|c'.concat('\nsteps:0.1|c'.repeat(9)))
    await ingest.accept(A, Buffer.from(`loss:1${':2'.repeat(500)}:-3:7|g`))
    await until(async () => (await received(ingest, A)) === 513)
    const change = await ingest.pending(A)
    expect(change.at(-1)?.seq).toBeGreaterThan(store.batches.at(-1)?.seq ?? 0)
    await ingest.end(A, unixMs(Date.now()))
    const loss = store.points().filter(({ name }) => name === 'loss')
    expect(loss.reduce((sum, { count }) => sum + count, 0)).toBe(503)
    expect(loss.length).toBeLessThanOrEqual(12)
    expect(Math.min(...loss.map(({ min }) => min))).toBe(-3)
    expect(loss.at(-1)?.last).toBe(7)
    expect(totalOf(store.points(), 'steps')).toBeCloseTo(1, 15)
  })

  it('goes on after a restart: totals, account, port and ever newer ticks', async () => {
    const first = await newReceiver()
    const { statsdPort } = await first.ingest.open(newJob(A))
    await send(statsdPort, 'steps:0.1|c\nsteps:0.2|c\nloss:x|g')
    await until(async () => (await received(first.ingest, A)) === 2)
    await first.ingest.close()
    undo.pop()
    const seq = first.store.batches.at(-1)?.seq ?? unixMs(0)

    const series: SeriesSummary = {
      name: 'steps' as MetricName,
      type: 'counter',
      last: 0.30000000000000004,
      carry: -2.7755575615628914e-17,
      firstAt: unixMs(Date.now() - 3000),
      lastAt: unixMs(Date.now() - 2000),
      min: 0.1,
      max: 0.30000000000000004,
      sum: 0.4,
      count: 2,
    }
    const account = first.store.accountOf(A)
    const second = await newReceiver({ floorMs: seq })
    const again = await second.ingest.open(
      newJob(A, { statsdPort, stored: { series: [series], account } }),
    )
    expect(again.statsdPort).toBe(statsdPort)
    await send(statsdPort, 'steps:0.3|c')
    await until(() => second.changes.length > 0)
    expect(second.changes[0]?.series[0]).toMatchObject({ last: [0.6], summary: { samples: 3 } })
    expect(second.changes[0]?.status?.account).toMatchObject({
      received: 3,
      refused: { value: { count: 1, lastLine: 'loss:x|g' } },
    })
    await second.ingest.end(A, unixMs(Date.now()))
    expect(second.store.batches[0]?.seq).toBeGreaterThan(seq)
  })

  it('takes another port where the former is taken, and says so', async () => {
    const { ingest } = await newReceiver()
    const { statsdPort } = await ingest.open(newJob(A))
    const other = await ingest.open(newJob(B, { statsdPort }))
    expect(other.statsdPort).not.toBe(statsdPort)
    expect((await ingest.account()).warnings.join()).toContain(`StatsD port ${statsdPort}`)
  })

  it('shows the history of a name that is declared late', async () => {
    const { ingest, store, changes } = await newReceiver()
    const { statsdPort } = await ingest.open(newJob(A))
    await send(statsdPort, 'late:1|c\nother:5|g')
    await until(async () => (await ingest.status(A))?.undeclared.length === 2)
    expect((await ingest.status(A))?.undeclared).toEqual([
      { name: 'late', type: 'counter', last: 1, samples: 1 },
      { name: 'other', type: 'gauge', last: 5, samples: 1 },
    ])
    await ingest.declare(A, ['late' as MetricName, 'unsent' as MetricName])
    await send(statsdPort, 'late:2|c')
    await until(() => changes.at(-1)?.series[0]?.last.at(-1) === 3)
    expect(changes.some(({ reload }) => reload)).toBe(true)
    await ingest.end(A, unixMs(Date.now()))
    expect(store.points().map(({ name, last }) => [name, last])).toEqual([
      ['late', 1],
      ['late', 2],
    ])
  })

  it('takes the largest datagram there is, and garbage of any kind', async () => {
    const { ingest, store } = await newReceiver()
    const { statsdPort } = await ingest.open(newJob(A))
    const line = 'steps:1|c\n'
    const noise = Uint8Array.from({ length: 60_000 }, (_, i) => (i * 7919) % 251)
    await send(
      statsdPort,
      noise,
      line.repeat(6550),
      noise.map((byte) => byte ^ 90),
      line,
    )
    await until(async () => (await received(ingest, A)) >= 6551)
    await ingest.end(A, unixMs(Date.now()))
    expect(totalOf(store.points(), 'steps')).toBe(6551)
    expect(store.accountOf(A)?.refused['format']?.lastLine).toBeTypeOf('string')
  })

  it('keeps another job whole while one floods the server', async () => {
    const { ingest, store } = await newReceiver()
    const [flood, calm] = [await ingest.open(newJob(A)), await ingest.open(newJob(B))]
    const datagram = 'steps:1|c\n'.repeat(100)
    for (let i = 0; i < 100; i++) {
      await send(flood.statsdPort, ...Array.from({ length: 20 }, () => datagram))
      await send(calm.statsdPort, `loss:${i}|g`)
    }
    await until(async () => (await received(ingest, B)) === 100)
    await ingest.end(B, unixMs(Date.now()))
    const loss = store.points().filter(({ name }) => name === 'loss')
    expect(loss.reduce((sum, { count }) => sum + count, 0)).toBe(100)
    expect(loss.at(-1)?.last).toBe(99)
  })

  it('marks what the kernel dropped on the job whose socket it was', async () => {
    const { ingest } = await newReceiver()
    const { statsdPort } = await ingest.open(newJob(A))
    await ingest.open(newJob(B))
    // The socket is not read while this thread sends: what its buffer cannot hold is dropped.
    const socket = createSocket('udp4')
    socket.connect(statsdPort, '127.0.0.1')
    await once(socket, 'connect')
    const bytes = Buffer.alloc(60_000, 'x')
    const sent = 400
    for (let i = 0; i < sent; i++) socket.send(bytes)
    socket.close()
    if (process.platform !== 'linux') return
    await until(async () => ((await ingest.status(A))?.account.lost.kernel ?? 0) > 0)
    const [a, b] = [await ingest.status(A), await ingest.status(B)]
    expect(a?.account.lossMarks[0]?.kind).toBe('kernel')
    expect(b?.account.lost.kernel).toBe(0)
    expect((await ingest.account()).lost.kernel).toBe(a?.account.lost.kernel)
  })

  it('warns of a receive buffer that is smaller than asked for, with the way out', async () => {
    const { ingest } = await newReceiver({ receiveBufferBytes: 2 ** 30 })
    expect((await ingest.account()).warnings).toEqual([
      expect.stringContaining('sysctl -w net.core.rmem_max=1073741824'),
    ])
  })

  it('rejects where it cannot listen', async () => {
    const { ingest } = await newReceiver()
    await expect(newReceiver({ port: ingest.statsd.port })).rejects.toThrow(/EADDRINUSE/)
    await expect(ingest.accept(A, Buffer.from('a:1|c'))).rejects.toMatchObject({
      code: 'JOB_NOT_RUNNING',
    })
  })

  it('neither loses nor doubles a sample while the store fails now and then and readers look on', async () => {
    const { ingest, store } = await newReceiver()
    await ingest.open(newJob(A))
    await ingest.open(newJob(B))
    let attempts = 0
    store.state.refuse = () => attempts++ % 3 !== 2
    let sent = 0
    for (let i = 0; i < 250; i++) {
      const lines = 'steps:1|c\n'.repeat(1 + (i % 15))
      await ingest.accept(A, Buffer.from(lines))
      sent += 1 + (i % 15)
      const pending = await ingest.pending(A)
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 12))
      if (i === 120) await ingest.end(B, unixMs(Date.now()))
      expect(totalOf(store.points(pending), 'steps')).toBe(sent)
    }
    await ingest.end(A, unixMs(Date.now()))
    expect(totalOf(store.points(), 'steps')).toBe(sent)
    const seqs = store.batches.map(({ seq }) => seq)
    expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b))
    expect((await ingest.account()).warnings.join()).not.toContain('disk full')
  })
})

const stopped = async (ingest: Ingest) => (await ingest.account()).stopped

it('ends a second with its tick, also where the timer goes off a moment early', async () => {
  stopTime()
  let earlyMs = 0
  const { ingest, store } = await newReceiver({
    clock: {
      wall: Date.now,
      // The first who looks after the timer went off sees the second not over yet; it is over right then.
      monotonic() {
        const seen = Date.now() - earlyMs
        earlyMs = 0
        return seen
      },
    },
  })
  await ingest.open(newJob(A))
  await send(ingest.statsd.port, `steps:1|c|${tag(A)}`)
  await until(async () => (await received(ingest, A)) === 1)
  await pass(100) // until nothing but the tick looks at the clock
  earlyMs = 4
  await pass(400 + 1)
  await until(() => store.batches.length > 0)
  expect(totalOf(store.points(), 'steps')).toBe(1)
})

describe('a store without room', () => {
  beforeEach(stopTime)

  it('stops the taking of samples, each counted and its time marked, until there is room', async () => {
    const { ingest, store } = await newReceiver()
    await ingest.open(newJob(A))
    await send(ingest.statsd.port, `steps:1|c|${tag(A)}`)
    await until(async () => (await received(ingest, A)) === 1)
    store.state.room = { ...store.state.room, freeBytes: 99 }
    await pass(1000)
    expect((await stopped(ingest))?.reason).toMatch(/less than the .* delete jobs/)
    await send(ingest.statsd.port, `steps:5|c|${tag(A)}`, `loss:1:2:3|g|${tag(A)}`, 'stray:1|c')
    const refusals = async () => (await ingest.status(A))?.account.refused['storage_full']
    await until(async () => (await refusals())?.count === 4)
    expect(await refusals()).toMatchObject({ lastLine: `loss:1:2:3|g|${tag(A)}` })
    expect((await ingest.status(A))?.account.lossMarks).toMatchObject([
      { kind: 'storage', count: 4 },
    ])
    await expect(ingest.accept(A, Buffer.from('steps:1|c'))).rejects.toMatchObject({
      code: 'STORAGE_FULL',
    })

    store.state.room = { ...store.state.room, freeBytes: 105 }
    await pass(1000)
    expect(await stopped(ingest)).not.toBeNull()
    store.state.room = { ...store.state.room, freeBytes: 200 }
    await pass(1000)
    expect(await stopped(ingest)).toBeNull()
    await send(ingest.statsd.port, `steps:10|c|${tag(A)}`)
    await until(async () => (await received(ingest, A)) === 2)
    await ingest.settle()
    expect(totalOf(store.points(), 'steps')).toBe(11)
    expect(store.accountOf(A)?.refused['storage_full']?.count).toBe(4)
  })

  it('loses nothing that was taken before an append found the disk full', async () => {
    const { ingest, store } = await newReceiver()
    await ingest.open(newJob(A))
    store.state.failure = new PlotlineError('STORAGE_FULL', 'full')
    store.state.refuse = () => true
    await send(ingest.statsd.port, `steps:1|c|${tag(A)}`)
    await until(async () => (await received(ingest, A)) === 1)
    await pass(1000)
    await until(async () => (await stopped(ingest)) !== null)
    await send(ingest.statsd.port, `steps:100|c|${tag(A)}`)
    await until(async () => (await ingest.status(A))?.account.refused['storage_full']?.count === 1)
    store.state.refuse = () => false
    await pass(1000)
    await until(async () => (await stopped(ingest)) === null)
    await ingest.settle()
    expect(totalOf(store.points(), 'steps')).toBe(1)
  })

  it('does not hold up the end of a job that is being forgotten', async () => {
    const { ingest, store } = await newReceiver()
    await ingest.open(newJob(A))
    store.state.refuse = () => true
    await send(ingest.statsd.port, `steps:1|c|${tag(A)}`)
    await until(async () => (await received(ingest, A)) === 1)
    const ending = ingest.end(A, unixMs(Date.now()))
    await pass(200)
    await ingest.forget(A)
    await ending
    expect(store.batches).toEqual([])
  })

  it('does not hold up the end of a job that is forgotten as its last tick is cut', async () => {
    const { ingest } = await newReceiver({
      append: async () => {
        await ingest.forget(A)
        throw new Error('no room')
      },
    })
    await ingest.open(newJob(A))
    await send(ingest.statsd.port, `steps:1|c|${tag(A)}`)
    await until(async () => (await received(ingest, A)) === 1)
    const ending = ingest.end(A, unixMs(Date.now()))
    await pass(60)
    await ending
  })
})
