import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BucketBatch } from '../../metrics/bucket-batch.ts'
import { batchOf, JOB, LOSS, STEPS } from '../../metrics/metric-store.contract.ts'
import { openDatabase } from '../../sqlite/database.ts'
import { unixMs } from '../../units.ts'
import { openInProcess } from './open-in-process.ts'
import { hotPath, jobPath } from './store-folder.ts'

const CHILD = fileURLToPath(new URL('./crash-child.fixture.mjs', import.meta.url))
const COMPILED = join(import.meta.dirname, '../../../dist/stores/embedded/open-embedded-store.js')
const ROUNDS = process.env['PLOTLINE_LONG'] === '1' ? 200 : 10
const SAMPLES_PER_TICK = 250
const FIRST_SEQ = 1_700_000_000_001

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'plotline-crash-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

describe('a store that is killed at any moment', () => {
  it('has all of it in a file that another process made, and has let go of', async () => {
    const store = openInProcess({ dataDir, ballastBytes: 0 })
    await store.append(firstTick())
    await store.close()
    await expectWhole((await killedAfter(1000)) ?? FIRST_SEQ)
  })

  it(
    'has every acknowledged tick exactly once, whatever was being written',
    async () => {
      let acknowledged = 0
      for (let round = 0; round < ROUNDS; round++) {
        acknowledged = (await killedAfter(Math.random() * 400)) ?? acknowledged
        await expectWhole(acknowledged)
      }
      expect(acknowledged).toBeGreaterThan(FIRST_SEQ)
    },
    ROUNDS * 5000,
  )
})

/** As the child writes them. */
function firstTick(): BucketBatch {
  const losses = Array.from({ length: SAMPLES_PER_TICK - 1 }, () => [FIRST_SEQ, FIRST_SEQ] as const)
  return batchOf(FIRST_SEQ, [
    [{ jobId: JOB, name: STEPS, type: 'counter' }, [[FIRST_SEQ, 1]]],
    [{ jobId: JOB, name: LOSS, type: 'gauge' }, losses],
  ])
}

/** Runs the child until it has acknowledged a tick and `ms` more have passed; gives the last seq it acknowledged. */
async function killedAfter(ms: number): Promise<number | undefined> {
  const child = spawn(process.execPath, [CHILD, pathToFileURL(COMPILED).href, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  await once(child.stdout, 'data')
  await sleep(ms)
  child.kill('SIGKILL')
  await once(child, 'close')
  // The last line may be cut short.
  const last = text.split('\n').at(-2)
  return last === undefined ? undefined : Number(last)
}

async function expectWhole(acknowledged: number): Promise<void> {
  const store = openInProcess({ dataDir, ballastBytes: 0 })
  const last = await store.lastSeq()
  expect(last).toBeGreaterThanOrEqual(acknowledged)
  const ticks = last - FIRST_SEQ + 1
  const { series } = await store.summarize(JOB, [])
  expect(series).toMatchObject([
    { name: 'steps', last: ticks, count: ticks },
    { name: 'loss', last, count: ticks * (SAMPLES_PER_TICK - 1) },
  ])
  const query = { jobId: JOB, names: [STEPS, LOSS], from: unixMs(0), to: unixMs(1e14) }
  let steps = 0
  for await (const piece of store.readAll({ ...query, names: [STEPS] }, []))
    for (const total of piece.last) expect(total).toBe(++steps)
  expect(steps).toBe(ticks)
  expect(await store.damage()).toEqual([])
  await store.close()
  for (const path of [hotPath(dataDir), jobPath(dataDir, JOB)]) expect(integrityOf(path)).toBe('ok')
}

function integrityOf(path: string): unknown {
  const db = openDatabase(path, { readOnly: true })
  const row = db.prepare('PRAGMA integrity_check').get()
  db.close()
  return row?.['integrity_check']
}
