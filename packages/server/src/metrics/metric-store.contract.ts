import { isMetricName, type MetricName } from '@plotline/wire'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callsTo } from '../thread-call.ts'
import { isJobId, unixMs, type JobId } from '../units.ts'
import type { BucketBatch, JobAccount, SeriesKey } from './bucket-batch.ts'
import type { MetricStore, Series, SeriesQuery } from './metric-store.ts'

/** One store under test, in a place of its own. */
export interface MetricStorePlace {
  /** Opens the store, again after it was closed or crashed. */
  open(): Promise<MetricStore>
  /** Makes the store do now what it would do in the background some time. */
  settle(store: MetricStore): Promise<void>
  /** Removes the place; the store is closed. */
  remove(): Promise<void>
}

/** A bucket as [t, last] of one sample, or with all that a bucket has. */
export type TestBucket =
  | readonly [t: number, value: number]
  | readonly [t: number, last: number, min: number, max: number, sum: number, count: number]

export const JOB = jobId('jaaaaaaaaaaaa')
export const OTHER_JOB = jobId('jbbbbbbbbbbbb')
export const T0 = 1_700_000_000_000
export const LOSS = metricName('loss')
export const STEPS = metricName('steps')
const gauge = (name = LOSS, job = JOB): SeriesKey => ({ jobId: job, name, type: 'gauge' })
const counter = (name = STEPS, job = JOB): SeriesKey => ({ jobId: job, name, type: 'counter' })

/** States that the same data can be in; what is read must not differ. */
type State =
  | 'committed'
  | 'settled'
  | 'reopened'
  | 'settled and reopened'
  | 'pending'
  | 'half settled'
const STATES: readonly State[] = [
  'committed',
  'settled',
  'reopened',
  'settled and reopened',
  'pending',
  'half settled',
]

/** Every expectation of a metric store; each adapter runs it. */
export function metricStoreContract(name: string, make: () => Promise<MetricStorePlace>): void {
  describe(`${name} as a metric store`, () => {
    let place: MetricStorePlace
    let store: MetricStore
    let nextSeq = T0
    beforeEach(async () => {
      place = await make()
      store = await place.open()
      nextSeq = T0
    })
    afterEach(async () => {
      await store.close()
      await place.remove()
    })

    /** Brings batches into a state; gives those that are still pending. */
    const bring = async (state: State, batches: readonly BucketBatch[]) => {
      if (state === 'pending') return batches
      for (const [i, batch] of batches.entries()) {
        await store.append(batch)
        if (state === 'half settled' && i === Math.floor(batches.length / 2))
          await place.settle(store)
      }
      if (state === 'settled' || state === 'settled and reopened') await place.settle(store)
      if (state === 'reopened' || state === 'settled and reopened') {
        await store.close()
        store = await place.open()
      }
      return []
    }
    const tick = (...parts: readonly (readonly [SeriesKey, readonly TestBucket[]])[]) =>
      batchOf((nextSeq += 1000), parts)
    const read = (query: Partial<SeriesQuery> = {}, pending: readonly BucketBatch[] = []) =>
      store.read({ ...ALL, ...query }, pending)
    const readOne = async (
      query: Partial<SeriesQuery> = {},
      pending: readonly BucketBatch[] = [],
    ) => {
      const [series] = await read(query, pending)
      return series
    }

    it('is empty at first', async () => {
      expect(await store.lastSeq()).toBe(0)
      expect(await read()).toEqual([])
      expect(await store.summarize(JOB, [])).toEqual({ series: [], account: undefined })
      expect(await store.bytesOf(JOB)).toBe(0)
      expect(await store.deleteJob(JOB)).toBe(0)
    })

    describe.each(STATES)('with data %s', (state) => {
      it('gives back gauges as received', async () => {
        const values = [0.1, -0, 5e-324, -1.5, 2 ** 53 + 2, 1e300, 3, 3]
        const pending = await bring(
          state,
          values.map((value, i) => tick([gauge(), [[T0 + i * 1000 + 7, value]]])),
        )
        const series = await readOne({}, pending)
        expect(series).toMatchObject({ name: 'loss', type: 'gauge', level: 0, gridMs: 0 })
        expect(columns(series)).toEqual({
          t: values.map((_, i) => T0 + i * 1000 + 7),
          last: values,
          min: values,
          max: values,
          mean: values,
          count: values.map(() => 1),
        })
      })

      it('gives back buckets with their minimum, maximum and mean', async () => {
        const pending = await bring(state, [
          tick([gauge(), [[T0, 3, 1, 5, 12, 4]]]),
          tick([gauge(), [[T0 + 1000, 4, 4, 4, 4, 1]]]),
        ])
        expect(columns(await readOne({}, pending))).toEqual({
          t: [T0, T0 + 1000],
          last: [3, 4],
          min: [1, 4],
          max: [5, 4],
          mean: [3, 4],
          count: [4, 1],
        })
      })

      it('draws counters as running totals, which may fall', async () => {
        const pending = await bring(state, [
          tick([
            counter(),
            [
              [T0, 2],
              [T0 + 500, 3],
            ],
          ]),
          tick([counter(), [[T0 + 1000, -1, -3, 2, -4, 3]]]),
          tick([counter(), [[T0 + 2000, -6]]]),
        ])
        expect(columns(await readOne({ names: [STEPS] }, pending))).toEqual({
          t: [T0, T0 + 500, T0 + 1000, T0 + 2000],
          last: [2, 5, 4, -2],
          min: [2, 5, 2, -2],
          max: [2, 5, 7, -2],
          mean: [2, 5, 5 - 4 / 3, -2],
          count: [1, 1, 3, 1],
        })
      })

      it('counts what came before the range into a running total', async () => {
        const pending = await bring(
          state,
          range(20).map((i) => tick([counter(), [[T0 + i * 1000, 1]]])),
        )
        const series = await readOne(
          { names: [STEPS], from: unixMs(T0 + 15_000), to: unixMs(T0 + 17_000) },
          pending,
        )
        expect(columns(series)).toMatchObject({ t: [T0 + 15_000, T0 + 16_000], last: [16, 17] })
      })

      it('adds 0.1 as exactly as the numbers allow', async () => {
        const pending = await bring(
          state,
          range(50).map(() => tick([counter(), range(20).map(() => [nextSeq, 0.1] as const)])),
        )
        const { series } = await store.summarize(JOB, pending)
        expect(series).toMatchObject([{ name: 'steps', last: 100, count: 1000 }])
        expect((await readOne({ names: [STEPS], maxPoints: 3 }, pending))?.last.at(-1)).toBe(100)
      })

      it('orders by time, and by arrival where times are equal', async () => {
        const pending = await bring(state, [
          tick([
            gauge(),
            [
              [T0 + 5000, 1],
              [T0 + 7000, 2],
            ],
          ]),
          tick([
            gauge(),
            [
              [T0 + 6000, 3],
              [T0 + 5000, 4],
              [T0 + 5000, 5],
            ],
          ]),
          tick([gauge(), [[T0 + 1000, 6]]]),
        ])
        expect(columns(await readOne({}, pending))).toMatchObject({
          t: [T0 + 1000, T0 + 5000, T0 + 5000, T0 + 5000, T0 + 6000, T0 + 7000],
          last: [6, 1, 4, 5, 3, 2],
        })
      })

      it('moves all totals after a late increment', async () => {
        const pending = await bring(state, [
          tick([counter(), range(10).map((i) => [T0 + i * 1000, 1] as const)]),
          tick([counter(), [[T0 + 4500, 100]]]),
        ])
        const series = await readOne({ names: [STEPS], from: unixMs(T0 + 4000) }, pending)
        expect(columns(series)).toMatchObject({ last: [5, 105, 106, 107, 108, 109, 110] })
        expect((await store.summarize(JOB, pending)).series).toMatchObject([
          { last: 110, lastAt: T0 + 9000, firstAt: T0, min: 1, max: 110, count: 11 },
        ])
      })

      it('summarizes each metric over all its time', async () => {
        const pending = await bring(state, [
          tick(
            [
              gauge(),
              [
                [T0, 4],
                [T0 + 9000, 1],
              ],
            ],
            [
              counter(),
              [
                [T0, 5],
                [T0 + 1000, -7],
              ],
            ],
          ),
          tick([gauge(), [[T0 + 4000, 10, 2, 20, 32, 3]]]),
        ])
        expect(await store.summarize(JOB, pending)).toEqual({
          account: undefined,
          series: [
            {
              name: 'loss',
              type: 'gauge',
              last: 1,
              carry: 0,
              lastAt: T0 + 9000,
              firstAt: T0,
              min: 1,
              max: 20,
              sum: 37,
              count: 5,
            },
            {
              name: 'steps',
              type: 'counter',
              last: -2,
              carry: 0,
              lastAt: T0 + 1000,
              firstAt: T0,
              min: -2,
              max: 5,
              sum: 3,
              count: 2,
            },
          ],
        })
      })

      it('keeps the latest account of a job', async () => {
        const pending = await bring(state, [
          { ...tick(), accounts: [account(1)] },
          { ...tick([gauge(), [[T0, 1]]]), accounts: [account(2)] },
          tick([gauge(), [[T0, 1]]]),
        ])
        expect((await store.summarize(JOB, pending)).account).toEqual(account(2))
      })

      it('keeps jobs and metrics apart, the odd names too', async () => {
        const odd = [
          metricName('__proto__'),
          metricName('constructor'),
          metricName('x'.repeat(128)),
        ]
        const pending = await bring(state, [
          tick(...odd.map((one, i) => [gauge(one), [[T0, i] as const]] as const), [
            gauge(LOSS, OTHER_JOB),
            [[T0, 9]],
          ]),
        ])
        const all = await read({ names: [...odd, LOSS] }, pending)
        expect(all.map(({ name: found, last }) => [found, ...last])).toEqual(
          odd.map((one, i) => [one, i]),
        )
        const [other] = await read({ jobId: OTHER_JOB, names: [LOSS] }, pending)
        expect(Array.from(other?.last ?? [])).toEqual([9])
      })

      it('tells which times were estimated', async () => {
        const batch = tick([
          gauge(),
          [
            [T0, 1],
            [T0 + 1, 2],
          ],
        ])
        batch.buckets.estimated[1] = 1
        const pending = await bring(state, [batch])
        expect(Array.from((await readOne({}, pending))?.estimated ?? [])).toEqual([0, 1])
      })

      it('reads [from, to)', async () => {
        const pending = await bring(
          state,
          range(10).map((i) => tick([gauge(), [[T0 + i * 1000, i]]])),
        )
        const series = await readOne({ from: unixMs(T0 + 2000), to: unixMs(T0 + 5000) }, pending)
        expect(Array.from(series?.last ?? [])).toEqual([2, 3, 4])
        expect(await read({ from: unixMs(T0 + 2001), to: unixMs(T0 + 3000) }, pending)).toEqual([])
        expect(await read({ from: unixMs(T0 + 5000), to: unixMs(T0 + 5000) }, pending)).toEqual([])
      })
    })

    describe.each(STATES)('with thousands of points %s', (state) => {
      it.each(['gauge', 'counter'] as const)(
        'draws a %s on a fixed grid as adding its points up would, late ones too',
        async (type) => {
          const key = type === 'gauge' ? gauge() : counter()
          const random = seeded(7)
          const sent: TestBucket[] = []
          const batches = range(30).map((i) => {
            const buckets = range(90).map(() => randomBucket(random, T0 + i * 60_000))
            sent.push(...buckets)
            return tick([key, buckets])
          })
          const pending = await bring(state, batches)
          const model = inOrder(sent)
          for (const maxPoints of [1, 2, 7, 40, 150, 500, 1500, 2699, 2700, 5000])
            for (const [from, to] of [
              [T0 - 5000, T0 + 4e6],
              [T0 + 333_333, T0 + 999_999],
            ] as const) {
              const series = await readOne(
                { names: [key.name], from: unixMs(from), to: unixMs(to), maxPoints },
                pending,
              )
              expect(series?.t.length).toBeLessThanOrEqual(maxPoints)
              expectDrawn(series, model, type, from, to)
              const coarser = { gridMs: Math.max(1000, series?.gridMs ?? 0) * 8 }
              const again = await readOne(
                { names: [key.name], from: unixMs(from), to: unixMs(to), maxPoints, ...coarser },
                pending,
              )
              expect(again).toMatchObject(coarser)
              expectDrawn(again, model, type, from, to)
              const inRange = model.filter(([t]) => t >= from && t < to).length
              if (inRange <= maxPoints) expect(series?.gridMs).toBe(0)
              else expect(series?.t.length).toBeGreaterThanOrEqual(maxPoints / 4)
            }
        },
      )

      it('gives every stored bucket in bounded pieces', async () => {
        const random = seeded(11)
        const sent: TestBucket[] = []
        const batches = range(6).map(() => {
          const buckets = range(1500).map(() => randomBucket(random, T0))
          sent.push(...buckets)
          return tick([gauge(), buckets], [counter(), buckets])
        })
        const pending = await bring(state, batches)
        const found: Record<string, number[]> = { loss: [], steps: [] }
        for await (const piece of store.readAll({ ...ALL, names: [LOSS, STEPS] }, pending)) {
          expect(piece.t.length).toBeLessThanOrEqual(4096)
          found[piece.name]?.push(...piece.last)
        }
        const model = inOrder(sent)
        expect(found['loss']).toEqual(model.map(([, last]) => last))
        let total = 0
        expect(found['steps']).toEqual(model.map(([, last]) => (total += last)))
      })

      it('gives many buckets of one time in order of arrival', async () => {
        const pending = await bring(
          state,
          range(9).map((i) => tick([gauge(), range(700).map((k) => [T0, i * 700 + k] as const)])),
        )
        const found: number[] = []
        for await (const piece of store.readAll(ALL, pending)) found.push(...piece.last)
        expect(found).toEqual(range(6300))
        expect((await readOne({ maxPoints: 100 }, pending))?.last.at(-1)).toBe(6299)
      })
    })

    describe.each(STATES)('with a clock that jumped ahead by ten years, data %s', (state) => {
      it('draws both spans by themselves and together, and late points where they belong', async () => {
        const tenYears = 3652 * 86_400_000
        const random = seeded(5)
        const sent: TestBucket[] = []
        const jumped = range(24).map((i) => {
          if (i === 12) nextSeq += tenYears
          // Ingest's own clock stays ahead, while a client that names its times may be back in the present.
          const t = i < 12 || i % 4 === 0 ? T0 + i * 60_000 : T0 + tenYears + i * 60_000
          const buckets = range(100).map(() => randomBucket(random, t))
          sent.push(...buckets)
          return tick([counter(), buckets])
        })
        const pending = await bring(state, jumped)
        const model = inOrder(sent)
        const [now, then] = [T0 - 60_000, T0 + tenYears]
        for (const maxPoints of [3, 50, 700, 5000])
          for (const [from, to] of [
            [now, now + 3_600_000],
            [then, then + 3_600_000],
            [now, then + 3_600_000],
          ] as const) {
            const range = { from: unixMs(from), to: unixMs(to) }
            const series = await readOne({ names: [STEPS], maxPoints, ...range }, pending)
            expect(series?.t.length).toBeLessThanOrEqual(maxPoints)
            expectDrawn(series, model, 'counter', from, to)
          }
        const [steps] = (await store.summarize(JOB, pending)).series
        expect(steps).toMatchObject({ firstAt: model[0]?.[0], lastAt: model.at(-1)?.[0] })
      })
    })

    it('takes batches after a restart that number on from one ten years ahead', async () => {
      await store.append(tick([counter(), [[nextSeq, 1]]]))
      nextSeq += 3652 * 86_400_000
      await bring('settled and reopened', [tick([counter(), [[nextSeq, 1]]])])
      expect(await store.lastSeq()).toBe(nextSeq)
      await bring('settled and reopened', [tick([counter(), [[nextSeq, 1]]])])
      expect((await readOne({ names: [STEPS] }))?.last).toEqual(Float64Array.of(1, 2, 3))
    })

    it('reads sparse points as received over the longest span', async () => {
      const dayMs = 86_400_000
      await bring('settled', [tick([gauge(), range(300).map((i) => [T0 + i * dayMs, i] as const)])])
      const series = await readOne({ to: unixMs(T0 + 400 * dayMs) })
      expect(series).toMatchObject({ level: 0, gridMs: 0 })
      expect(series?.t).toHaveLength(300)
    })

    it('does not change a closed bucket from one read to the next', async () => {
      const batches = range(40).map((i) =>
        tick([counter(), range(60).map((k) => [T0 + (i * 60 + k) * 1000, 1] as const)]),
      )
      await bring('half settled', batches)
      const query = { names: [STEPS], maxPoints: 100 }
      const whole = await readOne({ ...query, from: unixMs(T0), to: unixMs(T0 + 2_400_000) })
      const part = await readOne({ ...query, from: unixMs(T0 + 1000), to: unixMs(T0 + 2_390_000) })
      expect(part?.gridMs).toBe(whole?.gridMs)
      expect(rowsOf(whole)).toEqual(expect.arrayContaining(rowsOf(part)))
    })

    it('gives rates and a moving average when asked to', async () => {
      await bring('settled', [
        tick(
          [
            gauge(),
            [
              [T0, 1],
              [T0 + 1000, 3],
              [T0 + 3000, 2],
            ],
          ],
          [
            counter(),
            [
              [T0, 4],
              [T0 + 2000, 6],
            ],
          ],
        ),
      ])
      const [loss, steps] = await read({ names: [LOSS, STEPS], rate: true, smooth: 0.5 })
      expect(Array.from(loss?.rate ?? [])).toEqual([Number.NaN, 2, -0.5])
      expect(Array.from(steps?.rate ?? [])).toEqual([Number.NaN, 3])
      const first = 0.5 ** (1000 / 1500)
      const second = 0.5 ** (2000 / 1500)
      const middle = first + (1 - first) * 3
      expect(loss?.smooth?.[2]).toBeCloseTo(second * middle + (1 - second) * 2, 12)
      expect(await readOne()).not.toHaveProperty('rate')
    })

    it('takes a repeated seq for the same batch', async () => {
      const batches = range(5).map((i) => tick([counter(), [[T0 + i * 1000, 1]]]))
      for (let times = 0; times < 3; times++) {
        for (const batch of batches) await store.append(structuredClone(batch))
        if (times === 1) await place.settle(store)
      }
      expect((await store.summarize(JOB, batches)).series).toMatchObject([{ last: 5, count: 5 }])
      expect((await readOne({ names: [STEPS] }, batches))?.last.at(-1)).toBe(5)
    })

    it('knows the last seq, also after a restart', async () => {
      const batches = [tick([gauge(), [[T0, 1]]]), tick([gauge(), [[T0 + 1000, 1]]])]
      for (const state of STATES.filter((one) => one !== 'pending')) {
        await bring(state, batches)
        expect(await store.lastSeq()).toBe(nextSeq)
      }
    })

    it('takes appends of another thread', async () => {
      const { port1, port2 } = new MessageChannel()
      store.appendFrom(port1)
      const caller = callsTo<Pick<MetricStore, 'append'>>(port2)
      await caller.call('append', [tick([gauge(), [[T0, 1]]])])
      expect((await readOne())?.last).toHaveLength(1)
      port2.close()
    })

    it('tells its room, to who appends too, and takes samples again after it made some', async () => {
      const { port1, port2 } = new MessageChannel()
      store.appendFrom(port1)
      const room = await callsTo<Pick<MetricStore, 'room'>>(port2).call('room', [])
      port2.close()
      expect(room.freeBytes).toBeGreaterThan(0)
      expect(room.totalBytes).toBeGreaterThanOrEqual(room.freeBytes)
      expect(room.minFreeBytes).toBeGreaterThanOrEqual(0)
      expect(await store.room()).toMatchObject({ totalBytes: room.totalBytes })
      await store.makeRoom()
      await store.append(tick([gauge(), [[T0, 1]]]))
      expect((await readOne())?.last).toHaveLength(1)
      expect(await store.damage()).toEqual([])
    })

    it('stops reading when nobody waits any more', async () => {
      await bring('committed', [tick([gauge(), [[T0, 1]]])])
      const gone = AbortSignal.abort(new Error('gone'))
      await expect(store.read(ALL, [], gone)).rejects.toThrow('gone')
    })

    it('ends a query between two series when nobody waits for it any more', async () => {
      await bring('committed', [tick([gauge(), [[T0, 1]]])])
      const waiting = new AbortController()
      const reading = store.read({ ...ALL, names: [LOSS, LOSS] }, [], waiting.signal)
      waiting.abort(new Error('gone'))
      await expect(reading).rejects.toThrow('gone')
    })

    describe.each(['committed', 'settled', 'half settled'] as const)(
      'deleting a job %s',
      (state) => {
        it('forgets it for good and leaves others', async () => {
          const batches = range(6).map((i) =>
            tick([gauge(), [[T0 + i, 1]]], [gauge(LOSS, OTHER_JOB), [[T0 + i, 2]]]),
          )
          await bring(state, [
            ...batches,
            { ...tick([gauge(), [[T0, 1]]]), accounts: [account(1)] },
          ])
          const bytes = await store.bytesOf(JOB)
          expect(await store.deleteJob(JOB)).toBe(bytes)
          const isGone = async () => {
            expect(await read()).toEqual([])
            expect(await store.summarize(JOB, [])).toEqual({ series: [], account: undefined })
            expect(await store.bytesOf(JOB)).toBe(0)
            expect((await readOne({ jobId: OTHER_JOB }))?.t).toHaveLength(6)
          }
          await isGone()
          await store.append(tick([gauge(), [[T0 + 50, 1]]]))
          await isGone()
          await place.settle(store)
          await store.append(tick([gauge(), [[T0 + 60, 1]]]))
          await isGone()
          expect(await store.deleteJob(JOB)).toBe(0)
          await store.close()
          store = await place.open()
          await isGone()
        })
      },
    )

    describe('a copy of a job', () => {
      let folder: string
      beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'plotline-copy-'))
      })
      afterEach(() => rmSync(folder, { recursive: true }))

      it.each(['committed', 'settled', 'half settled'] as const)(
        'taken of data %s brings back every bit, also after the job was deleted',
        async (state) => {
          const values = [-0, 5e-324, 2 ** 53, 0.1, -1.7976931348623157e308, Math.PI]
          const batches = values.map((value, i) =>
            tick(
              [gauge(), [[T0 + i, value]]],
              [counter(), [[T0 + i * 1000, i + 0.1]]],
              [gauge(LOSS, OTHER_JOB), [[T0, i]]],
            ),
          )
          await bring(state, [...batches, { ...tick(), accounts: [account(3)] }])
          const before = [await read(), await store.summarize(JOB, [])]
          expect(await store.copyJob(JOB, join(folder, 'copy'))).toBe(true)
          await store.append(tick([gauge(), [[T0 + 5000, 9]]]))
          await store.deleteJob(JOB)
          await store.adoptJob(JOB, join(folder, 'copy'))
          expect([await read(), await store.summarize(JOB, [])]).toEqual(before)
          await store.append(tick([gauge(), [[T0 + 6000, 7]]]))
          expect((await readOne())?.last.at(-1)).toBe(7)
          expect((await readOne({ jobId: OTHER_JOB }))?.t).toHaveLength(values.length)
        },
      )

      it('is not made of a job that has nothing', async () => {
        expect(await store.copyJob(JOB, join(folder, 'copy'))).toBe(false)
        expect(existsSync(join(folder, 'copy'))).toBe(false)
      })

      it.each([
        ['no such file', () => new Uint8Array(9000).fill(7)],
        ['cut short', (whole: Uint8Array) => whole.subarray(0, whole.length / 2)],
        ['empty', () => new Uint8Array()],
      ])('that is %s is refused and changes nothing', async (_, damage) => {
        await bring('settled', [tick([gauge(), [[T0, 1]]])])
        const path = join(folder, 'copy')
        await store.copyJob(JOB, path)
        writeFileSync(path, damage(readFileSync(path)))
        await expect(store.adoptJob(JOB, path)).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
        expect((await readOne())?.last).toEqual(Float64Array.of(1))
      })
    })

    it('keeps everything of settled chunks through many late points', async () => {
      const random = seeded(3)
      const sent: TestBucket[] = []
      for (const round of range(6)) {
        const buckets = range(1500).map(() => randomBucket(random, T0 + (round % 2) * 300_000))
        sent.push(...buckets)
        await store.append(tick([counter(), buckets]))
        await place.settle(store)
      }
      const model = inOrder(sent)
      for (const maxPoints of [50, 400, 20_000])
        expectDrawn(await readOne({ names: [STEPS], maxPoints }), model, 'counter', 0, T0 * 2)
    })
  })
}

const ALL: SeriesQuery = {
  jobId: JOB,
  names: [LOSS],
  from: unixMs(T0 - 1e9),
  to: unixMs(T0 + 1e12),
  maxPoints: 1000,
}

/** A batch as ingest cuts it. */
export function batchOf(
  seq: number,
  parts: readonly (readonly [SeriesKey, readonly TestBucket[]])[],
): BucketBatch {
  const rows = parts.flatMap(([, buckets], series) => buckets.map((bucket) => ({ series, bucket })))
  const column = (of: (bucket: TestBucket) => number) =>
    Float64Array.from(rows, ({ bucket }) => of(bucket))
  return {
    seq: unixMs(seq),
    series: parts.map(([key]) => key),
    seriesOf: Uint32Array.from(rows, ({ series }) => series),
    buckets: {
      length: rows.length,
      t: column(([t]) => t),
      last: column(([, last]) => last),
      min: column(([, last, min = last]) => min),
      max: column(([, last, , max = last]) => max),
      sum: column(([, last, , , sum = last]) => sum),
      count: column(([, , , , , count = 1]) => count),
      estimated: new Uint8Array(rows.length),
    },
    accounts: [],
  }
}

function account(received: number): JobAccount {
  return {
    jobId: JOB,
    received,
    refused: { value: { count: 2, lastLine: 'loss:nan|g', hint: 'No number.' } },
    lost: { kernel: 3, client: 0 },
    lossMarks: [{ t: unixMs(T0), kind: 'kernel', count: 3 }],
    batched: true,
  }
}

/** Integers within half a minute of `t`, times of no order; now and then a bucket of several samples. */
function randomBucket(random: () => number, t: number): TestBucket {
  const time = t + Math.floor(random() * 60_000)
  const value = Math.floor(random() * 100) - 30
  if (random() < 0.8) return [time, value]
  return [time, value, Math.min(value, -5), Math.max(value, 5), value + 3, 4]
}

/** Compares with the plain sum of the model's buckets in each cell of the grid that was chosen. */
function expectDrawn(
  series: Series | undefined,
  model: readonly TestBucket[],
  type: 'gauge' | 'counter',
  from: number,
  to: number,
): void {
  const gridMs = series?.gridMs ?? 0
  const cell = (t: number) => (gridMs === 0 ? t : Math.floor(t / gridMs) * gridMs)
  const rows: number[][] = []
  let total = 0
  for (const [t, last, min = last, max = last, sum = last, count = 1] of model) {
    const before = type === 'counter' ? total : 0
    total += last
    const isIn = gridMs === 0 ? t >= from && t < to : cell(t) + gridMs > from && cell(t) < to
    if (!isIn) continue
    const row = [cell(t), before + last, before + min, before + max, sum + before * count, count]
    const open = rows.at(-1)
    if (!open || gridMs === 0 || open[0] !== row[0]) rows.push(row)
    else rows.splice(-1, 1, joined(open, row))
  }
  expect(rowsOf(series)).toEqual(
    rows.map(([t, last, min, max, sum = 0, count = 1]) => [
      t,
      last,
      min,
      max,
      near(sum / count),
      count,
    ]),
  )
}

const joined = (a: readonly number[], b: readonly number[]): number[] => [
  a[0] ?? 0,
  b[1] ?? 0,
  Math.min(a[2] ?? 0, b[2] ?? 0),
  Math.max(a[3] ?? 0, b[3] ?? 0),
  (a[4] ?? 0) + (b[4] ?? 0),
  (a[5] ?? 0) + (b[5] ?? 0),
]

/** A mean: two ways to divide differ in the last digits. */
const near = (value: number): number => Math.round(value * 1e6) / 1e6 + 0

function rowsOf(series: Series | undefined): number[][] {
  if (!series) return []
  const { t, last, min, max, mean, count } = series
  return Array.from(t, (time, i) =>
    [time, last[i], min[i], max[i], near(mean[i] ?? 0), count[i]].map(Number),
  )
}

function columns(series: Series | undefined): Record<string, number[]> {
  if (!series) return {}
  const { t, last, min, max, mean, count } = series
  const all = { t, last, min, max, mean, count }
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, Array.from(values)]))
}

const inOrder = (buckets: readonly TestBucket[]): TestBucket[] =>
  buckets.toSorted(([a], [b]) => a - b)

const range = (length: number): number[] => Array.from({ length }, (_, i) => i)

/** The same numbers in [0, 1) each time. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function jobId(text: string): JobId {
  if (!isJobId(text)) throw new Error(`${text} is no job id.`)
  return text
}

function metricName(text: string): MetricName {
  if (!isMetricName(text)) throw new Error(`${text} is no metric name.`)
  return text
}
