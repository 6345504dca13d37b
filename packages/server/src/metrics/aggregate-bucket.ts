import type { MetricType } from '@plotline/api'
import { addTo, finite, lostIn, type Total } from './aggregate-total.ts'

/** One entry of a series on its way to the store: a sample as it came (count 1), or those of a second. See bucket-batch.ts. */
export interface Bucket {
  /** Unix ms. */
  t: number
  /** Unix seconds of `t`. */
  second: number
  last: number
  /** What rounding took from a counter's `last`. */
  low: number
  min: number
  max: number
  sum: number
  count: number
  estimated: boolean
  /** It left with a tick: what comes later stands beside it. */
  sent: boolean
}

export const secondOf = (t: number): number => Math.floor(t / 1000)

export function pointBucket(t: number, value: number, estimated: boolean): Bucket {
  return {
    t,
    second: secondOf(t),
    last: value,
    low: 0,
    min: value,
    max: value,
    sum: value,
    count: 1,
    estimated,
    sent: false,
  }
}

/** Hot path (bench/ingest-udp.mjs). One more value of a gauge, the latest. */
export function foldGauge(bucket: Bucket, value: number): void {
  bucket.last = value
  if (value < bucket.min) bucket.min = value
  if (value > bucket.max) bucket.max = value
  bucket.sum += value
  bucket.count++
}

/** Hot path (bench/ingest-udp.mjs). One more increment of a counter, the latest. */
export function foldCounter(bucket: Bucket, value: number): void {
  const high = bucket.last
  const sum = high + value
  const low = bucket.low + lostIn(high, value, sum)
  const last = sum + low
  bucket.last = last
  bucket.low = low - (last - sum)
  if (last < bucket.min) bucket.min = last
  if (last > bucket.max) bucket.max = last
  bucket.sum += last
  bucket.count++
}

/** Makes `later` part of `bucket`, which keeps its time. */
export function mergeBucket(type: MetricType, bucket: Bucket, later: Bucket): void {
  const before = type === 'counter' ? bucket.last : 0
  bucket.min = finite(Math.min(bucket.min, before + later.min))
  bucket.max = finite(Math.max(bucket.max, before + later.max))
  bucket.sum = finite(bucket.sum + later.sum + later.count * before)
  bucket.count += later.count
  bucket.estimated ||= later.estimated
  if (type === 'gauge') {
    bucket.last = later.last
    return
  }
  const total: Total = { high: bucket.last, low: bucket.low + later.low }
  addTo(total, later.last)
  bucket.last = total.high + total.low
  bucket.low = total.low - (bucket.last - total.high)
}
