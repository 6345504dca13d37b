import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchOf, JOB, LOSS, STEPS, T0 } from '../../metrics/metric-store.contract.ts'
import type { SeriesQuery } from '../../metrics/metric-store.ts'
import { openDatabase } from '../../sqlite/database.ts'
import { unixMs } from '../../units.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { openInProcess } from './open-in-process.ts'
import { hotPath, jobFolder, jobPath } from './store-folder.ts'

const all: SeriesQuery = {
  jobId: JOB,
  names: [LOSS, STEPS],
  from: unixMs(T0),
  to: unixMs(T0 + 4_100_000),
  maxPoints: 600,
}

let dataDir: string
let store: EmbeddedStore
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'plotline-store-'))
  mkdirSync(jobFolder(dataDir, JOB), { recursive: true })
})
afterEach(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true })
})

describe('a metrics.db', () => {
  // 4000 s of a value of (i * 7919 % 1000) / 8 and of +1 each second.
  it.each([1, 2])('of version %i is read and added to as it was made', async (version) => {
    writeFileSync(jobPath(dataDir, JOB), golden(`metrics-v${version}.db.gz`))
    store = openInProcess({ dataDir, ballastBytes: 0 })
    await expectValues(4000)
    const keys = [
      { jobId: JOB, name: LOSS, type: 'gauge' },
      { jobId: JOB, name: STEPS, type: 'counter' },
    ] as const
    const more = Array.from({ length: 100 }, (_, i) => 4000 + i)
    await store.append(
      batchOf(T0 + 9_000_000, [
        [keys[0], more.map((i) => [T0 + i * 1000, valueAt(i)])],
        [keys[1], more.map((i) => [T0 + i * 1000, 1])],
      ]),
    )
    await expectValues(4100)
    await store.seal()
    await expectValues(4100)
    expect(await store.damage()).toEqual([])
  })

  it('of a version to come is left alone', async () => {
    const db = openDatabase(jobPath(dataDir, JOB))
    db.exec('CREATE TABLE later(a); PRAGMA user_version=99')
    db.close()
    store = openInProcess({ dataDir, ballastBytes: 0 })
    await expect(store.read(all, [])).rejects.toThrow(/newer/)
  })
})

describe('a hot.db', () => {
  it('of version 1 is made one of today, with the ticks that it holds', async () => {
    // The 4000 s that are in the metrics.db of version 2, and 20 more in two ticks.
    writeFileSync(jobPath(dataDir, JOB), golden('metrics-v2.db.gz'))
    writeFileSync(hotPath(dataDir), golden('hot-v1.db.gz'))
    store = openInProcess({ dataDir, ballastBytes: 0 })
    expect(await store.lastSeq()).toBe(T0 + 4_002_000)
    await expectValues(4020)
    await store.seal()
    await expectValues(4020)
    expect(await store.damage()).toEqual([])
  })

  it('of a version to come is left alone', async () => {
    const db = openDatabase(hotPath(dataDir))
    db.exec('CREATE TABLE later(a); PRAGMA user_version=99')
    db.close()
    expect(() => openInProcess({ dataDir, ballastBytes: 0 })).toThrow(/newer/)
    rmSync(hotPath(dataDir))
    store = openInProcess({ dataDir, ballastBytes: 0 })
  })
})

const golden = (name: string): Uint8Array =>
  gunzipSync(readFileSync(join(import.meta.dirname, 'golden', name)))

const valueAt = (i: number): number => ((i * 7919) % 1000) / 8

async function expectValues(count: number): Promise<void> {
  for (const maxPoints of [20, 100, 600, 5000]) {
    const [loss, steps] = await store.read({ ...all, maxPoints }, [])
    const gridMs = loss?.gridMs ?? 0
    const cells = new Map<number, number[]>()
    for (let i = 0; i < count; i++) {
      const t = T0 + i * 1000
      const cell = gridMs === 0 ? t : Math.floor(t / gridMs) * gridMs
      cells.set(cell, [...(cells.get(cell) ?? []), valueAt(i)])
    }
    const rows = [...cells.values()]
    expect(Array.from(loss?.t ?? [])).toEqual([...cells.keys()])
    expect(Array.from(loss?.last ?? [])).toEqual(rows.map((row) => row.at(-1)))
    expect(Array.from(loss?.min ?? [])).toEqual(rows.map((row) => Math.min(...row)))
    expect(Array.from(loss?.max ?? [])).toEqual(rows.map((row) => Math.max(...row)))
    expect(Array.from(loss?.count ?? [])).toEqual(rows.map((row) => row.length))
    expect(steps?.last.at(-1)).toBe(count)
  }
}
