import { describe, expect, it } from 'vitest'
import type { MetricName } from '@plotline/wire'
import { BatchBuilder } from './aggregate-batch.ts'
import { pointBucket } from './aggregate-bucket.ts'
import { batchOfJob, mergeBatches } from './aggregate-merge.ts'
import type { BucketBatch, SeriesKey } from './bucket-batch.ts'
import { unixMs, type JobId } from '../units.ts'

const key = (jobId: string, name: string, type: SeriesKey['type']): SeriesKey => ({
  jobId: jobId as JobId,
  name: name as MetricName,
  type,
})
const STEPS = key('j1', 'steps', 'counter')
const LOSS = key('j2', 'loss', 'gauge')

function batchOf(
  seq: number,
  ...points: readonly (readonly [SeriesKey, number, number])[]
): BucketBatch {
  const builder = new BatchBuilder()
  for (const [series, t, value] of points) builder.add(series, pointBucket(t, value, false))
  return builder.finish(unixMs(seq), [])
}

describe('mergeBatches', () => {
  it('keeps what the buckets of a series add up to, under the later seq', () => {
    const merged = mergeBatches(
      batchOf(1000, [STEPS, 1, 5], [STEPS, 2, -7], [LOSS, 3, 4]),
      batchOf(2000, [LOSS, 1001, 9], [LOSS, 1002, -1], [STEPS, 1003, 1]),
    )
    expect(merged.seq).toBe(2000)
    expect(merged.series).toEqual([STEPS, LOSS])
    expect(merged.buckets).toMatchObject({
      t: Float64Array.of(1, 3),
      last: Float64Array.of(-1, -1),
      min: Float64Array.of(-2, -1),
      max: Float64Array.of(5, 9),
      sum: Float64Array.of(5 - 2 - 1, 12),
      count: Float64Array.of(3, 3),
    })
  })
})

describe('batchOfJob', () => {
  it('finds the part of one job, or nothing', () => {
    const batch = batchOf(1000, [STEPS, 1, 5], [LOSS, 3, 4])
    expect(batchOfJob(batch, LOSS.jobId)).toMatchObject({
      seq: 1000,
      series: [LOSS],
      buckets: { length: 1, last: Float64Array.of(4) },
    })
    expect(batchOfJob(batch, 'j3' as JobId)).toBeUndefined()
  })
})
