import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { batchOf, JOB, LOSS, OTHER_JOB, STEPS, T0 } from '../../../metrics/metric-store.contract.ts'
import { DamagedBytes } from './byte-reader.ts'
import { upgradedTick } from './tick-v1.ts'
import { addSection, encodeTick, sectionsOfTick, type FreshJob } from './tick-codec.ts'

const GOLDEN = join(import.meta.dirname, 'golden', 'tick-v2.bin')
const GOLDEN_V1 = join(import.meta.dirname, 'golden', 'tick-v1.bin')

describe('encodeTick', () => {
  it('keeps every bucket bit for bit, whatever its time', () => {
    const batch = tick()
    const fresh = freshOf(payloadOf(batch), JOB)
    const loss = fresh.series.get('loss')?.points.finish()
    const { buckets } = batch
    expect(loss?.length).toBe(6)
    for (const column of ['t', 'last', 'min', 'max', 'sum', 'count', 'estimated'] as const)
      expect(Array.from(loss?.[column] ?? [])).toEqual(Array.from(buckets[column].subarray(0, 6)))
    expect(fresh.series.get('steps')?.type).toBe('counter')
    expect(JSON.parse(fresh.account)).toMatchObject({ received: 7 })
  })

  it('leaves out jobs that are dropped, and is nothing without any', () => {
    const payload = encodeTick(tick(), T0 - 1000, (job) => job === JOB)
    expect([...sectionsOfTick(payload ?? new Uint8Array(), T0).sections.keys()]).toEqual([
      OTHER_JOB,
    ])
    expect(encodeTick(tick(), T0 - 1000, () => true)).toBeUndefined()
  })

  it('writes the bytes of the golden file', () => {
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, payloadOf(tick()))
    expect(Buffer.from(payloadOf(tick())).toString('hex')).toBe(readFileSync(GOLDEN, 'hex'))
  })

  it('fits no other tick, nor a section another job', () => {
    const payload = payloadOf(tick())
    expect(() => freshOf(payload, JOB, T0 + 1)).toThrow(DamagedBytes)
    const section = sectionsOfTick(payload, T0).sections.get(JOB) ?? new Uint8Array()
    const fresh: FreshJob = { series: new Map(), account: '' }
    expect(() => addSection(fresh, OTHER_JOB, section, T0)).toThrow(DamagedBytes)
    expect(() => addSection(fresh, JOB, section, T0 + 1)).toThrow(DamagedBytes)
  })

  it('lets no flipped bit pass, and harms only the job that it is in', () => {
    const payload = payloadOf(tick()).slice()
    for (let i = 0; i < payload.length; i++) {
      const mutated = payload.slice()
      mutated[i] = (mutated[i] ?? 0) ^ (1 << (i % 8))
      const harmed = [JOB, OTHER_JOB].filter((job) => !isWhole(mutated, job))
      expect(harmed.length).toBeGreaterThan(0)
    }
  })
})

describe('upgradedTick', () => {
  it('makes a payload of version 1 one of today', () => {
    const upgraded = upgradedTick(readFileSync(GOLDEN_V1), T0, T0 - 1000)
    expect(Buffer.from(upgraded).toString('hex')).toBe(readFileSync(GOLDEN, 'hex'))
  })

  it('makes nothing whole that was damaged', () => {
    const golden = readFileSync(GOLDEN_V1)
    for (let i = 0; i < golden.length; i++) {
      const mutated = Uint8Array.from(golden)
      mutated[i] = (mutated[i] ?? 0) ^ (1 << (i % 8))
      const isHarmed = [JOB, OTHER_JOB].some((job) => !isUpgradedWhole(mutated, job))
      expect(isHarmed).toBe(true)
    }
  })
})

function isUpgradedWhole(payload: Uint8Array, job: string): boolean {
  try {
    return isWhole(upgradedTick(payload, T0, 0), job)
  } catch (error) {
    if (error instanceof DamagedBytes) return false
    throw error
  }
}

function tick() {
  const batch = batchOf(T0, [
    [
      { jobId: JOB, name: LOSS, type: 'gauge' },
      [
        [T0 - 5, -0],
        [T0 + 0.25, 5e-324],
        [1, 1e300],
        [T0 - 1, 3, 1, 5, 12, 4],
        [T0 - 1, Number.MAX_VALUE],
        [T0 + 86_400_000, 0.1],
      ],
    ],
    [{ jobId: JOB, name: STEPS, type: 'counter' }, [[T0, 1]]],
    [{ jobId: OTHER_JOB, name: LOSS, type: 'gauge' }, [[T0, 2]]],
  ])
  batch.buckets.estimated[1] = 1
  const lost = { kernel: 0, client: 0 }
  const account = { jobId: JOB, received: 7, refused: {}, lost, lossMarks: [], batched: false }
  return { ...batch, accounts: [account] }
}

const payloadOf = (batch: Parameters<typeof encodeTick>[0]): Uint8Array =>
  encodeTick(batch, T0 - 1000, () => false) ?? new Uint8Array()

function freshOf(payload: Uint8Array, job: string, seq = T0): FreshJob {
  const fresh: FreshJob = { series: new Map(), account: '' }
  const section = sectionsOfTick(payload, seq).sections.get(job)
  if (!section) throw new DamagedBytes('The job is missing.')
  addSection(fresh, job, section, seq)
  return fresh
}

function isWhole(payload: Uint8Array, job: string): boolean {
  try {
    freshOf(payload, job)
    return true
  } catch (error) {
    if (error instanceof DamagedBytes) return false
    throw error
  }
}
