import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOSS, seeded, STEPS } from '../packages/server/src/metrics/metric-store.contract.ts'
import type { MetricStore } from '../packages/server/src/metrics/metric-store.ts'
import { openInProcess } from '../packages/server/src/stores/embedded/open-in-process.ts'
import { isJobId, unixMs, type JobId } from '../packages/server/src/units.ts'
import { integrityOf } from './lib/integrity.ts'
import { DISK_LIBRARY, failingDisk } from './lib/preloaded-disk.ts'
import { recordedDisk } from './lib/recorded-disk.ts'
import { ROOT } from './lib/server.ts'

const isLong = process.env['PLOTLINE_LONG'] === '1'
const RUNS = isLong ? 20 : 1
const CUTS_PER_RUN = isLong ? 500 : 200
const TICKS = 600
const CHILD = fileURLToPath(new URL('./lib/power-loss-child.fixture.mjs', import.meta.url))
const STORE = join(ROOT, 'packages/server/dist/stores/embedded/open-embedded-store.js')
/** Half of the cuts come so few entries after one that changes names. */
const NEAR_ENTRIES = 6
const COLLECT_EVERY = 25

let scratch: string
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'plotline-power-'))
})
afterAll(() => rmSync(scratch, { recursive: true }))

describe.skipIf(DISK_LIBRARY === undefined)('a store whose power is cut at any moment', () => {
  it(
    'has every acknowledged tick exactly once, nothing that was deleted, and no damage',
    async () => {
      const seed = Number(process.env['PLOTLINE_SEED'] ?? Date.now() % 1e9)
      console.log(`power cuts by PLOTLINE_SEED=${seed}`)
      const random = seeded(seed)
      for (let run = 0; run < RUNS; run++) {
        const { dataDir, logPath } = await recordedRun(run, Math.floor(random() * 1e9))
        const disk = recordedDisk(logPath, dataDir, random)
        for (const [i, end] of cutsOf(disk, random).entries()) {
          disk.playTo(end)
          const dir = join(scratch, `${run}-${i}`)
          disk.cutInto(dir)
          await expectWhole(dir, promisesIn(disk.printed()), random() < 0.3).catch(
            (error: unknown) => {
              throw new Error(
                `seed ${seed}, run ${run}, cut ${i} at entry ${end}: ${String(error)}`,
                { cause: error },
              )
            },
          )
          rmSync(dir, { recursive: true })
          if (i % COLLECT_EVERY === 0) collectGarbage()
        }
        rmSync(dataDir, { recursive: true })
        rmSync(logPath)
      }
    },
    60_000 + RUNS * CUTS_PER_RUN * 1000,
  )
})

/** Of a store that was written to, sealed, and had jobs deleted and taken in, on a disk whose syncs failed now and then. */
async function recordedRun(
  run: number,
  seed: number,
): Promise<{ dataDir: string; logPath: string }> {
  const dataDir = join(scratch, `data-${run}`)
  const logPath = join(scratch, `log-${run}`)
  mkdirSync(dataDir)
  writeFileSync(logPath, '')
  const disk = failingDisk(dataDir)
  const args = [CHILD, pathToFileURL(STORE).href, dataDir, String(TICKS), String(seed)]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...disk.env, DISK_LOG: logPath },
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  expect(disk.failed('syncs')).toBeGreaterThan(0)
  disk.remove()
  return { dataDir, logPath }
}

function cutsOf(
  { length, nameEntries }: { readonly length: number; readonly nameEntries: readonly number[] },
  random: () => number,
): readonly number[] {
  return Array.from({ length: CUTS_PER_RUN }, () => {
    const near = nameEntries[Math.floor(random() * nameEntries.length)] ?? 0
    return random() < 0.5
      ? Math.floor(random() * (length + 1))
      : Math.min(length, near + 1 + Math.floor(random() * NEAR_ENTRIES))
  }).toSorted((a, b) => a - b)
}

interface Promises {
  /** Of each job the ticks that were acknowledged. */
  readonly ticks: ReadonlyMap<JobId, readonly number[]>
  readonly deleted: ReadonlySet<JobId>
  /** What was under way may be done or not. */
  readonly open: ReadonlySet<JobId>
  readonly lastTick: number
}

/** What the child had printed. */
function promisesIn(text: string): Promises {
  const ticks = new Map<JobId, number[]>()
  const deleted = new Set<JobId>()
  const open = new Set<JobId>()
  let lastTick = 0
  for (const line of text.split('\n').slice(0, -1)) {
    const [what = '', ...words] = line.split(' ')
    const jobs = words.filter(isJobId)
    const [job, from] = jobs
    if (what === 'tick') {
      lastTick = Number(words[0])
      for (const one of jobs) ticks.set(one, [...(ticks.get(one) ?? []), lastTick])
    } else if (job === undefined) throw new Error(`What is "${line}"?`)
    else if (what === 'deleting' || what === 'adopting') open.add(job)
    else {
      open.delete(job)
      if (what === 'deleted') deleted.add(job)
      else if (from) ticks.set(job, ticks.get(from) ?? [])
    }
  }
  return { ticks, deleted, open, lastTick }
}

async function expectWhole(
  dataDir: string,
  promises: Promises,
  isSealedFirst: boolean,
): Promise<void> {
  const store = openInProcess({ dataDir, ballastBytes: 0 })
  if (isSealedFirst) await store.seal()
  for (const [job, ticks] of promises.ticks) {
    if (promises.open.has(job)) continue
    if (promises.deleted.has(job)) {
      expect(await store.summarize(job, []), job).toEqual({ series: [], account: undefined })
      expect(await store.bytesOf(job), job).toBe(0)
    } else expectTicks(job, await ticksOf(store, job), ticks, promises.lastTick)
  }
  expect(await store.damage()).toEqual([])
  await store.close()
  const files = [...promises.ticks.keys()].map((job) => join(dataDir, 'jobs', job, 'metrics.db'))
  for (const path of [join(dataDir, 'hot.db'), ...files])
    if (existsSync(path)) expect(integrityOf(path), path).toBe('ok')
}

/** Those that were acknowledged, and of the next one, which may be stored already, all or nothing. */
function expectTicks(
  job: JobId,
  { steps, losses }: Awaited<ReturnType<typeof ticksOf>>,
  ticks: readonly number[],
  lastTick: number,
): void {
  const stored = [...new Set(losses)]
  const isNextThere = stored.at(-1) === lastTick + 1
  expect(stored, job).toEqual(isNextThere ? [...ticks, lastTick + 1] : ticks)
  expect(steps, job).toEqual(stored.map((_, i) => i + 1))
  const perTick = losses.length / stored.length
  expect(losses, job).toEqual(stored.flatMap((tick) => Array.from({ length: perTick }, () => tick)))
}

async function ticksOf(
  store: MetricStore,
  jobId: JobId,
): Promise<{ readonly steps: readonly number[]; readonly losses: readonly number[] }> {
  const range = { jobId, from: unixMs(0), to: unixMs(1e14) }
  const steps: number[] = []
  for await (const { last } of store.readAll({ ...range, names: [STEPS] }, [])) steps.push(...last)
  const losses: number[] = []
  for await (const { last } of store.readAll({ ...range, names: [LOSS] }, [])) losses.push(...last)
  return { steps, losses }
}

/** libsql keeps what was closed, with its files, until its statements are collected. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
}
