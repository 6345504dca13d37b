import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchOf, JOB, LOSS, T0 } from '../../metrics/metric-store.contract.ts'
import type { MetricStore, SeriesQuery } from '../../metrics/metric-store.ts'
import { callsTo } from '../../thread-call.ts'
import { unixMs } from '../../units.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import type { openEmbeddedStore } from './open-embedded-store.ts'

// Node 20 starts no thread from TypeScript, so this one runs what was compiled.
const COMPILED = join(import.meta.dirname, '../../../dist/stores/embedded/open-embedded-store.js')
const gauge = { jobId: JOB, name: LOSS, type: 'gauge' } as const
const all: SeriesQuery = {
  jobId: JOB,
  names: [LOSS],
  from: unixMs(0),
  to: unixMs(2 * T0),
  maxPoints: 1000,
}
const pointsAt = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => [T0 + (from + i) * 1000, i] as const)

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'plotline-store-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

describe('openEmbeddedStore', () => {
  it('stores, seals, reads, restarts and deletes over its threads as within one', async () => {
    const store = await open()
    await store.append(batchOf(T0, [[gauge, pointsAt(0, 5000)]]))
    await store.seal()
    const { port1, port2 } = new MessageChannel()
    store.appendFrom(port1)
    await callsTo<Pick<MetricStore, 'append'>>(port2).call('append', [
      batchOf(T0 + 1, [[gauge, pointsAt(5000, 1000)]]),
    ])
    port2.close()
    const pending = [batchOf(T0 + 2, [[gauge, pointsAt(6000, 10)]])]
    expect(await summaryOf(store, pending)).toEqual([[9, 6010]])
    await store.close()

    const again = await open()
    expect(await again.lastSeq()).toBe(T0 + 1)
    expect(await summaryOf(again, [])).toEqual([[999, 6000]])
    const [series] = await again.read(all, [])
    expect(series?.t.length).toBeGreaterThan(250)
    const lengths: number[] = []
    for await (const { t } of again.readAll(all, [])) lengths.push(t.length)
    expect(lengths.length).toBeGreaterThan(1)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(6000)
    expect(await again.copyJob(JOB, join(dataDir, 'copy'))).toBe(true)
    expect(await again.deleteJob(JOB)).toBeGreaterThan(0)
    await again.adoptJob(JOB, join(dataDir, 'copy'))
    expect(await summaryOf(again, [])).toEqual([[999, 6000]])
    expect(await again.deleteJob(JOB)).toBeGreaterThan(0)
    expect(await again.read(all, [])).toEqual([])
    expect(await again.damage()).toEqual([])
    await again.close()
  })

  it('puts a hot.db that is no database aside, says so and goes on', async () => {
    const noise = 'no database at all, but long enough to be taken for one'.repeat(99)
    writeFileSync(join(dataDir, 'hot.db'), noise)
    const store = await open()
    expect(await store.damage()).toMatchObject([{ job: 'hot.db' }])
    expect(readFileSync(join(dataDir, 'hot.db.damaged'), 'utf8')).toBe(noise)
    await store.append(batchOf(T0, [[gauge, pointsAt(0, 10)]]))
    expect(await summaryOf(store, [])).toEqual([[9, 10]])
    await store.close()
  })

  it('says why it cannot open a folder', async () => {
    mkdirSync(join(dataDir, 'hot.db'))
    await expect(open()).rejects.toThrow(/cannot be written or read/)
  })

  it('mends what nobody has read yet when it checks its files', async () => {
    const store = await open()
    await store.append(batchOf(T0, [[gauge, pointsAt(0, 5000)]]))
    await store.seal()
    await store.close()
    const path = join(dataDir, 'jobs', JOB, 'metrics.db')
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0, bytes.length - 4096))
    const again = await open()
    await again.check()
    expect(existsSync(`${path}.damaged`)).toBe(true)
    expect(await again.damage()).toMatchObject([{ job: JOB }])
    await again.close()
  })
})

async function open(): Promise<EmbeddedStore> {
  expect(existsSync(COMPILED), 'npm run build comes first').toBe(true)
  const compiled = (await import(pathToFileURL(COMPILED).href)) as {
    openEmbeddedStore: typeof openEmbeddedStore
  }
  return compiled.openEmbeddedStore({ dataDir, ballastBytes: 0 })
}

async function summaryOf(store: EmbeddedStore, pending: Parameters<EmbeddedStore['summarize']>[1]) {
  const { series } = await store.summarize(JOB, pending)
  return series.map(({ last, count }) => [last, count])
}
