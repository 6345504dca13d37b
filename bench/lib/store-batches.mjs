/** A multiple of every level's grid would be too kind: an odd second of November 2023. */
export const T0 = 1_700_000_003_000

export const jobId = (i) => `j${String(i).padStart(12, '0')}`

/** Keys of `count` gauges, 100 to a job. */
export function gauges(count) {
  return Array.from({ length: count }, (_, i) => ({
    jobId: jobId(Math.floor(i / 100)),
    name: `metric_${i % 100}`,
    type: 'gauge',
  }))
}

/** A tick of one sample of each. */
export function batchOfTick(tick, keys, valueOf = Math.random) {
  return batchAt(T0 + tick * 1000, keys, valueOf)
}

/** The same at another time. */
export function batchAt(at, keys, valueOf) {
  return batchOf(
    at,
    keys.map((key) => ({ key, t: [at], values: [valueOf()] })),
  )
}

/**
 * Points as received.
 * @param {number} seq
 * @param {readonly { key: { jobId: string, name: string, type: string }, t: ArrayLike<number>, values: ArrayLike<number> }[]} parts
 */
export function batchOf(seq, parts) {
  const length = parts.reduce((sum, part) => sum + part.t.length, 0)
  const t = new Float64Array(length)
  const last = new Float64Array(length)
  const seriesOf = new Uint32Array(length)
  let at = 0
  parts.forEach((part, series) => {
    t.set(part.t, at)
    last.set(part.values, at)
    seriesOf.fill(series, at, at + part.t.length)
    at += part.t.length
  })
  const count = new Float64Array(length).fill(1)
  const estimated = new Uint8Array(length)
  return {
    seq,
    series: parts.map(({ key }) => key),
    seriesOf,
    buckets: { length, t, last, min: last, max: last, sum: last, count, estimated },
    accounts: [],
  }
}
