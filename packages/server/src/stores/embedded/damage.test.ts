import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMetricName, type MetricName } from '@plotline/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlotlineError } from '../../errors.ts'
import type { SeriesKey } from '../../metrics/bucket-batch.ts'
import {
  batchOf,
  JOB,
  OTHER_JOB,
  T0,
  type TestBucket,
} from '../../metrics/metric-store.contract.ts'
import type { Series } from '../../metrics/metric-store.ts'
import { openDatabase } from '../../sqlite/database.ts'
import { unixMs } from '../../units.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { openInProcess } from './open-in-process.ts'
import { hotPath, jobPath } from './store-folder.ts'

const IS_LONG = process.env['PLOTLINE_LONG'] === '1'
const MUTATIONS = IS_LONG ? 10_000 : 300
const FIRST_SEED = Number(process.env['PLOTLINE_SEED'] ?? 1)
/** What is on the disk is not the question here, and its syncs would take most of the time. */
const IN_MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const RANGE = { from: unixMs(0), to: unixMs(1e14) }
const DRAWN_POINTS = [20, 300]
/** Times of points that are sealed, sealed later, and not sealed yet. */
const [SEALED, SEALED_LATER, UNSEALED] = [1250, 1300, 1320]
const STEP_MS = 31_000

type Model = ReadonlyMap<string, ModelSeries>
interface ModelSeries {
  readonly key: SeriesKey
  /** In order of time. */
  readonly rows: readonly TestBucket[]
  /** Sum of `last` before each row, and after all. */
  readonly totals: Float64Array
}

let root: string
/** Folders as a crash left them: with all of it in WALs, and with none. */
let withWal: string
let withoutWal: string
let model: Model
beforeAll(async () => {
  root = mkdtempSync(join(IN_MEMORY, 'plotline-damage-'))
  withWal = join(root, 'with-wal')
  withoutWal = join(root, 'without-wal')
  model = await makeFolders(join(root, 'made'))
}, 60_000)
afterAll(() => rmSync(root, { recursive: true }))

describe('a store with damaged files', () => {
  it(
    'shows no value that was not stored, serves the rest and says what is missing',
    async () => {
      const tally = {
        harmless: 0,
        lossy: 0,
        refused: 0,
        shown: 0,
        stored: 0,
        rest: 0,
        restShown: 0,
      }
      for (let seed = FIRST_SEED; seed < FIRST_SEED + MUTATIONS; seed++) {
        const mutation = mutationOf(seed)
        const folder = join(root, 'mutated')
        rmSync(folder, { recursive: true, force: true })
        cpSync(mutation.source, folder, { recursive: true })
        const path = join(folder, mutation.file)
        writeFileSync(path, mutation.apply(readFileSync(path)))
        try {
          const found = await examine(folder, mutation.file)
          tally[found.outcome]++
          tally.shown += found.shown
          tally.stored += found.stored
          tally.rest += found.rest
          tally.restShown += found.restShown
        } catch (error) {
          throw new Error(`seed ${seed}: ${mutation.what} in ${mutation.file}: ${String(error)}`, {
            cause: error,
          })
        }
      }
      const { harmless, lossy, refused, shown, stored, rest, restShown } = tally
      process.stdout.write(
        `${MUTATIONS} mutations: ${harmless} harmless, ${lossy} with a reported loss, ${refused} refused; ` +
          `of all points ${percent(shown / stored)} readable, of those of other jobs ${percent(restShown / rest)}\n`,
      )
      expect(restShown / rest).toBeGreaterThan(0.999)
    },
    MUTATIONS * 1000,
  )
})

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

interface Finding {
  readonly outcome: 'harmless' | 'lossy' | 'refused'
  readonly shown: number
  readonly stored: number
  /** Of the job whose file was left alone. */
  readonly rest: number
  readonly restShown: number
}

async function examine(dataDir: string, file: string): Promise<Finding> {
  const store = openOrRefusal(dataDir)
  if (typeof store === 'string') {
    if (!store.includes(dataDir)) throw new Error(`The refusal names no file: ${store}`)
    return { outcome: 'refused', shown: 0, stored: 0, rest: 0, restShown: 0 }
  }
  try {
    return await examineOpen(store, file)
  } finally {
    await store.close()
  }
}

function openOrRefusal(dataDir: string): EmbeddedStore | string {
  try {
    return openInProcess({ dataDir, ballastBytes: 0 })
  } catch (error) {
    if (error instanceof PlotlineError && error.code === 'STORAGE_FAILED') return error.message
    throw error
  }
}

async function examineOpen(store: EmbeddedStore, file: string): Promise<Finding> {
  const first = await shownOf(store)
  await store.check()
  const seq = (await store.lastSeq()) + 1000
  await store.append(batchOf(seq, [[goingOn, [[seq, 42]]]]))
  expectLast(
    await store.read({ ...RANGE, jobId: OTHER_JOB, names: [goingOn.name], maxPoints: 9 }, []),
  )
  await store.seal()
  expectLast(
    await store.read({ ...RANGE, jobId: OTHER_JOB, names: [goingOn.name], maxPoints: 9 }, []),
  )
  const sealed = await shownOf(store)
  const isTold = (await store.damage()).length > 0
  for (const shown of [first, sealed]) expectToldOf(shown, file, isTold)
  return {
    outcome: sealed.missing.size > 0 ? 'lossy' : 'harmless',
    shown: sealed.count(() => true),
    stored: countOf(() => true),
    rest: file.startsWith('jobs') ? countOf(isOther) : 0,
    restShown: file.startsWith('jobs') ? sealed.count(isOther) : 0,
  }
}

const isOther = ({ key }: ModelSeries): boolean => key.jobId === OTHER_JOB

const goingOn: SeriesKey = { jobId: OTHER_JOB, name: metric('going_on'), type: 'gauge' }

function expectLast([series]: readonly Series[]): void {
  if (series?.last.at(-1) !== 42) throw new Error('What came after the damage is not shown.')
}

const countOf = (isCounted: (series: ModelSeries) => boolean): number =>
  [...model.values()].filter(isCounted).reduce((count, { rows }) => count + rows.length, 0)

interface Shown {
  /** Per series the indices of stored points that are not shown. */
  readonly missing: ReadonlyMap<string, ReadonlySet<number>>
  /** A drawing or a summary lacked something. */
  readonly isShort: boolean
  count(isCounted: (series: ModelSeries) => boolean): number
}

/** The end of hot.db's WAL cannot be told from ticks that were never written: what is lost of it alone may be lost silently. */
function expectToldOf({ missing, isShort }: Shown, file: string, isTold: boolean): void {
  if (isTold) return
  const isOfTail = [...missing.values()].every((indices) => Math.min(...indices) >= SEALED_LATER)
  if (file === 'hot.db-wal' && isOfTail) return
  if (missing.size > 0 || isShort) throw new Error(`Silent loss: ${[...missing.keys()].join()}`)
}

async function shownOf(store: EmbeddedStore): Promise<Shown> {
  const missing = new Map<string, ReadonlySet<number>>()
  let isShort = false
  for (const [id, series] of model) {
    const lost = await lostRaw(store, series)
    if (lost.size > 0) missing.set(id, lost)
    for (const maxPoints of DRAWN_POINTS)
      if (await isDrawnShort(store, series, maxPoints)) isShort = true
  }
  for (const job of [JOB, OTHER_JOB]) if (await isSummaryShort(store, job)) isShort = true
  return {
    missing,
    isShort,
    count: (isCounted) =>
      [...model]
        .filter(([, series]) => isCounted(series))
        .reduce((sum, [id, { rows }]) => sum + rows.length - (missing.get(id)?.size ?? 0), 0),
  }
}

/** Each point shown is a stored one, in order, none twice; a counter's totals lack at most what is not shown. */
async function lostRaw(store: EmbeddedStore, series: ModelSeries): Promise<Set<number>> {
  const { key, rows } = series
  const lost = new Set(rows.keys())
  let at = -1
  let lostBefore = 0
  for await (const piece of store.readAll({ ...RANGE, jobId: key.jobId, names: [key.name] }, [])) {
    expectType(piece, key)
    let deficit: number | undefined
    for (let i = 0; i < piece.t.length; i++) {
      const from = at + 1
      at = indexOf(series, piece, i, from)
      lost.delete(at)
      if (key.type === 'gauge') continue
      lostBefore += sumOf(series, from, at)
      const now = sumOf(series, 0, at + 1) - (piece.last[i] ?? 0)
      if (now < 0 || now > lostBefore) throw new Error(`A total is wrong by ${now}.`)
      if (deficit !== undefined && from === at && now !== deficit)
        throw new Error(`An increment is wrong by ${now - deficit}.`)
      deficit = now
    }
  }
  return lost
}

const sumOf = ({ totals }: ModelSeries, from: number, to: number): number =>
  (totals[to] ?? 0) - (totals[from] ?? 0)

function totalsOf(rows: readonly TestBucket[]): Float64Array {
  const totals = new Float64Array(rows.length + 1)
  for (const [i, [, last]] of rows.entries()) totals[i + 1] = (totals[i] ?? 0) + last
  return totals
}

/** Of the shown point among the stored ones. */
function indexOf({ key, rows }: ModelSeries, piece: Series, i: number, from: number): number {
  for (let at = from; at < rows.length; at++) {
    const [t = 0, last, min = last, max = last, , count = 1] = rows[at] ?? []
    if (t > (piece.t[i] ?? 0)) break
    if (t !== piece.t[i] || count !== piece.count[i]) continue
    if (key.type === 'counter') return at
    if (last === piece.last[i] && min === piece.min[i] && max === piece.max[i]) return at
  }
  throw new Error(`${key.name}: no such point: ${piece.t[i]} ${piece.last[i]}`)
}

function expectType(piece: Pick<Series, 'name' | 'type'>, key: SeriesKey): void {
  if (piece.type !== key.type || piece.name !== key.name)
    throw new Error(`${piece.name} is shown as ${piece.type}`)
}

/** No bucket holds more than was stored in it, nor anything outside of it. */
async function isDrawnShort(
  store: EmbeddedStore,
  stored: ModelSeries,
  maxPoints: number,
): Promise<boolean> {
  const { key, rows } = stored
  const [series] = await store.read(
    { ...RANGE, jobId: key.jobId, names: [key.name], maxPoints },
    [],
  )
  if (!series) return true
  expectType(series, key)
  const { gridMs, t, last, min, max, count } = series
  let from = 0
  let to = 0
  let drawn = 0
  for (let i = 0; i < t.length; i++) {
    const start = t[i] ?? 0
    if (i > 0 && start < (t[i - 1] ?? 0)) throw new Error('Times go back.')
    while (from < rows.length && (rows[from]?.[0] ?? 0) < start) from++
    to = Math.max(to, from)
    while (to < rows.length && inCell(rows[to]?.[0] ?? 0, start, gridMs)) to++
    const cell = rows.slice(from, to)
    if ((count[i] ?? 0) > samplesOf(cell)) throw new Error(`A bucket shows too many.`)
    drawn += count[i] ?? 0
    if (key.type === 'gauge') expectWithin(cell, last[i] ?? 0, min[i] ?? 0, max[i] ?? 0)
    else if ((max[i] ?? 0) > sumOf(stored, 0, to) || (min[i] ?? 0) < 0)
      throw new Error('A total was never reached.')
  }
  return drawn < samplesOf(rows)
}

const samplesOf = (rows: readonly TestBucket[]): number =>
  rows.reduce((sum, [, , , , , count = 1]) => sum + count, 0)

const inCell = (t: number, start: number, gridMs: number): boolean =>
  gridMs === 0 ? t === start : t < start + gridMs

function expectWithin(cell: readonly TestBucket[], last: number, min: number, max: number): void {
  const lowest = Math.min(...cell.map(([, value, low = value]) => low))
  const highest = Math.max(...cell.map(([, value, , high = value]) => high))
  if (min < lowest || max > highest || !cell.some(([, value]) => value === last))
    throw new Error(`A bucket shows ${last} of ${min} to ${max}, stored ${lowest} to ${highest}.`)
}

async function isSummaryShort(store: EmbeddedStore, job: typeof JOB): Promise<boolean> {
  const { series, account } = await store.summarize(job, [])
  let isShort = job === JOB && account?.received !== 2
  if (account && ![1, 2].includes(account.received)) throw new Error('No such account was stored.')
  const found = new Set<string>()
  for (const one of series) {
    if (one.name === goingOn.name) continue
    const known = model.get(`${job} ${one.name}`)
    if (!known) throw new Error(`No such series was stored: ${one.name}`)
    found.add(one.name)
    expectType(one, known.key)
    if (isShortOf(one, known)) isShort = true
  }
  return isShort || [...model.values()].some(({ key }) => key.jobId === job && !found.has(key.name))
}

function isShortOf(
  {
    last,
    lastAt,
    firstAt,
    min,
    max,
    count,
  }: Awaited<ReturnType<EmbeddedStore['summarize']>>['series'][number],
  known: ModelSeries,
): boolean {
  const { key, rows } = known
  const total = sumOf(known, 0, rows.length)
  const stored = samplesOf(rows)
  const times = rows.map(([t]) => t)
  if (count > stored) throw new Error(`${key.name} has ${count} of ${stored} samples.`)
  if (!times.includes(lastAt) || !times.includes(firstAt))
    throw new Error('No such time was stored.')
  if (key.type === 'counter') {
    if (last > total || max > total || min < 0) throw new Error('A total was never reached.')
  } else expectWithin(rows, last, min, max)
  return count < stored
}

interface Mutation {
  readonly source: string
  readonly file: string
  readonly what: string
  apply(bytes: Buffer): Uint8Array
}

function mutationOf(seed: number): Mutation {
  const random = seeded(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const pick = <T>(first: T, ...others: readonly T[]): T =>
    [first, ...others][below(others.length + 1)] ?? first
  const metrics = `jobs/${JOB}/metrics.db`
  const file = pick('hot.db', 'hot.db-wal', metrics, metrics, `${metrics}-wal`)
  const source = file.endsWith('-wal') ? withWal : withoutWal
  const pageBytes = file.startsWith('hot.db') ? 4096 : 1024
  const kinds: Readonly<Record<string, (bytes: Buffer) => Uint8Array>> = {
    'a flipped bit': (bytes) => flipped(bytes, below(bytes.length), below(8)),
    'a flipped bit of a header': (bytes) =>
      flipped(bytes, below(Math.ceil(bytes.length / pageBytes)) * pageBytes + below(110), below(8)),
    'bytes overwritten': (bytes) => {
      const start = below(bytes.length)
      for (let i = start; i < Math.min(bytes.length, start + 1 + below(64)); i++)
        bytes[i] = below(256)
      return bytes
    },
    'a block of zeros': (bytes) => {
      const size = pick(16, 512, pageBytes)
      const start = below(Math.ceil(bytes.length / size)) * size
      return bytes.fill(0, start, Math.min(bytes.length, start + size))
    },
    'a cut': (bytes) => bytes.subarray(0, below(bytes.length)),
    'a torn tail': (bytes) => bytes.fill(0, bytes.length - 1 - below(bytes.length / 4)),
    'a page twice': (bytes) => {
      const [from, to] = [below(bytes.length / pageBytes), below(bytes.length / pageBytes)]
      bytes.copyWithin(to * pageBytes, from * pageBytes, (from + 1) * pageBytes)
      return bytes
    },
    'two pages swapped': (bytes) => {
      const [a, b] = [below(bytes.length / pageBytes), below(bytes.length / pageBytes)]
      const page = Buffer.from(bytes.subarray(a * pageBytes, (a + 1) * pageBytes))
      bytes.copyWithin(a * pageBytes, b * pageBytes, (b + 1) * pageBytes)
      page.copy(bytes, b * pageBytes)
      return bytes
    },
    'nothing but noise': (bytes) => bytes.map(() => below(256)),
  }
  const what = pick('a flipped bit', ...Object.keys(kinds))
  return { source, file, what, apply: (bytes) => kinds[what]?.(bytes) ?? bytes }
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
  return bytes
}

/** Mulberry32: the same numbers each time. */
function seeded(seed: number): () => number {
  let state = Math.imul(seed, 0x9e37_79b9)
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function metric(name: string): MetricName {
  if (!isMetricName(name)) throw new Error(`${name} is no metric name.`)
  return name
}

/** Points sealed in two goes, the second with late ones, and ticks that are not sealed. */
async function makeFolders(dataDir: string): Promise<Model> {
  const store = openInProcess({ dataDir, ballastBytes: 0 })
  const sent = new Map<string, { key: SeriesKey; rows: TestBucket[] }>()
  let seq = T0 + UNSEALED * STEP_MS
  const append = async (from: number, to: number, received: number): Promise<void> => {
    const parts = KEYS.map((key, k) => [key, rowsOf(k, from, to)] as const)
    for (const [key, rows] of parts) {
      const id = `${key.jobId} ${key.name}`
      sent.set(id, { key, rows: [...(sent.get(id)?.rows ?? []), ...rows] })
    }
    const lost = { kernel: 0, client: 0 }
    const account = { jobId: JOB, received, refused: {}, lost, lossMarks: [], batched: false }
    await store.append({ ...batchOf((seq += 1000), parts), accounts: [account] })
  }
  await append(0, SEALED, 1)
  await store.seal()
  settleWal(dataDir)
  await append(SEALED, SEALED_LATER, 1)
  await store.seal()
  for (let i = SEALED_LATER; i < UNSEALED; i += 2) await append(i, i + 2, 2)
  cpSync(dataDir, withWal, { recursive: true, filter: (path) => !path.endsWith('-shm') })
  settleWal(dataDir)
  cpSync(dataDir, withoutWal, { recursive: true, filter: (path) => !/-(shm|wal)$/.test(path) })
  await store.close()
  if (!hasWal(hotPath(withWal)) || !hasWal(jobPath(withWal, JOB)))
    throw new Error('There is no WAL.')
  return new Map(
    [...sent].map(([id, { key, rows: inArrival }]) => {
      const rows = inArrival.toSorted(([a], [b]) => a - b)
      return [id, { key, rows, totals: totalsOf(rows) }]
    }),
  )
}

const hasWal = (path: string): boolean => existsSync(`${path}-wal`)

function settleWal(dataDir: string): void {
  for (const path of [hotPath(dataDir), jobPath(dataDir, JOB), jobPath(dataDir, OTHER_JOB)]) {
    const db = openDatabase(path)
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    db.close()
  }
}

const KEYS: readonly SeriesKey[] = [
  { jobId: JOB, name: metric('loss'), type: 'gauge' },
  { jobId: JOB, name: metric('lost'), type: 'gauge' },
  { jobId: JOB, name: metric('steps'), type: 'counter' },
  { jobId: JOB, name: metric('buckets'), type: 'gauge' },
  { jobId: OTHER_JOB, name: metric('loss'), type: 'gauge' },
  { jobId: OTHER_JOB, name: metric('steps'), type: 'counter' },
]

/** Values that no other series has; of every 50 points the last is late by 40. */
function rowsOf(k: number, from: number, to: number): TestBucket[] {
  return Array.from({ length: to - from }, (_, i) => {
    const n = from + i
    const t = T0 + n * STEP_MS - (n % 50 === 49 ? 40 * STEP_MS - 500 : 0)
    if (KEYS[k]?.type === 'counter') return [t, 1 + ((n * 7 + k) % 5)]
    const value = k * 1e6 + n + ((n * 7919) % 1000) / 1024
    return k === 3 ? [t, value, value - 0.25, value + 0.25, value * 3, 3] : [t, value]
  })
}
