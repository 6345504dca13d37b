import { BatchBuilder } from './aggregate-batch.ts'
import { mergeBucket, pointBucket, type Bucket } from './aggregate-bucket.ts'
import type { BucketBatch, SeriesKey } from './bucket-batch.ts'
import type { JobId } from '../units.ts'

interface MergedSeries {
  readonly key: SeriesKey
  readonly bucket: Bucket
}

/** Two batches as one, with one bucket a series: what they add up to is kept, when in their time it came is not. */
export function mergeBatches(earlier: BucketBatch, later: BucketBatch): BucketBatch {
  const merged = new Map<string, MergedSeries>()
  for (const batch of [earlier, later])
    for (let i = 0; i < batch.buckets.length; i++) {
      const key = batch.series[batch.seriesOf[i] ?? 0]
      if (key !== undefined) mergeInto(merged, key, bucketAt(batch, i))
    }
  const builder = new BatchBuilder()
  for (const { key, bucket } of merged.values()) builder.add(key, bucket)
  const accounts = new Map(
    [...earlier.accounts, ...later.accounts].map((account) => [account.jobId, account]),
  )
  return builder.finish(later.seq, [...accounts.values()])
}

function mergeInto(merged: Map<string, MergedSeries>, key: SeriesKey, bucket: Bucket): void {
  const id = `${key.jobId}/${key.name}`
  const known = merged.get(id)
  if (known === undefined) merged.set(id, { key, bucket })
  else mergeBucket(key.type, known.bucket, bucket)
}

/** The part of a batch that belongs to one job; undefined where nothing does. */
export function batchOfJob(batch: BucketBatch, jobId: JobId): BucketBatch | undefined {
  const accounts = batch.accounts.filter((account) => account.jobId === jobId)
  const builder = new BatchBuilder()
  for (let i = 0; i < batch.buckets.length; i++) {
    const key = batch.series[batch.seriesOf[i] ?? 0]
    if (key?.jobId === jobId) builder.add(key, bucketAt(batch, i))
  }
  if (builder.length === 0 && accounts.length === 0) return undefined
  return builder.finish(batch.seq, accounts)
}

function bucketAt({ buckets }: BucketBatch, i: number): Bucket {
  return {
    ...pointBucket(buckets.t[i] ?? 0, buckets.last[i] ?? 0, buckets.estimated[i] === 1),
    min: buckets.min[i] ?? 0,
    max: buckets.max[i] ?? 0,
    sum: buckets.sum[i] ?? 0,
    count: buckets.count[i] ?? 0,
  }
}
