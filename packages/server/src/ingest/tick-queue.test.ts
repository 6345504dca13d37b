import { describe, expect, it } from 'vitest'
import type { MetricName } from '@plotline/wire'
import { BatchBuilder } from '../metrics/aggregate-batch.ts'
import { pointBucket } from '../metrics/aggregate-bucket.ts'
import type { BucketBatch, SeriesKey } from '../metrics/bucket-batch.ts'
import { unixMs, type JobId } from '../units.ts'
import { MAX_WAITING_TICKS, TickQueue } from './tick-queue.ts'

const STEPS: SeriesKey = {
  jobId: 'jaaaaaaaaaaaa' as JobId,
  name: 'steps' as MetricName,
  type: 'counter',
}

function tick(seq: number): BucketBatch {
  const builder = new BatchBuilder()
  builder.add(STEPS, pointBucket(seq, 1, false))
  return builder.finish(unixMs(seq), [])
}

/** A store that fails while `isFull`. */
function newStore() {
  const stored: BucketBatch[] = []
  const state = { isFull: false, failures: 0, merged: 0 }
  const queue = new TickQueue({
    retryMs: 30,
    async append(batch) {
      await Promise.resolve()
      if (state.isFull) throw new Error('disk full')
      stored.push(batch)
    },
    onMerge: (_jobs, lost) => (state.merged += lost),
    onFailure: (error) => (state.failures += error === undefined ? 0 : 1),
  })
  return { stored, state, queue }
}

describe('TickQueue', () => {
  it('stores in order and keeps a tick until it is stored', async () => {
    const { stored, queue } = newStore()
    for (const seq of [1, 2, 3]) queue.push(tick(seq))
    expect(queue.waiting.map(({ seq }) => seq)).toEqual([1, 2, 3])
    await queue.stored()
    expect(stored.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(queue.waiting).toEqual([])
    await queue.stored()
  })

  it('offers a refused tick again and merges the oldest when too many wait', async () => {
    const { stored, state, queue } = newStore()
    state.isFull = true
    const ticks = MAX_WAITING_TICKS + 40
    for (let seq = 1; seq <= ticks; seq++) queue.push(tick(seq))
    expect(queue.waiting).toHaveLength(MAX_WAITING_TICKS)
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(state).toMatchObject({ failures: 1, merged: 40 })
    state.isFull = false
    await queue.stored()
    const increments = stored.flatMap(({ buckets }) => [...buckets.last])
    expect(increments.reduce((sum, value) => sum + value)).toBe(ticks)
    const seqs = stored.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  })

  it('gives up when it is closed and the store goes on failing', async () => {
    const { state, queue } = newStore()
    state.isFull = true
    queue.push(tick(1))
    await queue.close()
    expect(state.failures).toBeGreaterThan(1)
  })
})
