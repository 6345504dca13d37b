const T0 = 1_700_000_000_000

export const jobId = (i) => `j${String(i).padStart(12, '0')}`

/** A tick of one sample for each of `series` metrics, 100 to a job. */
export function batchOfTick(tick, series) {
  const keys = Array.from({ length: series }, (_, i) => ({
    jobId: jobId(Math.floor(i / 100)),
    name: `metric_${i % 100}`,
    type: 'gauge',
  }))
  return batchOf(
    T0 + tick * 1000,
    keys.map((key) => [key, [[T0 + tick * 1000, Math.random()]]]),
  )
}

/** @param {number} seq @param {readonly (readonly [object, readonly (readonly [number, number])[]])[]} parts */
export function batchOf(seq, parts) {
  const length = parts.reduce((sum, [, points]) => sum + points.length, 0)
  const t = new Float64Array(length)
  const last = new Float64Array(length)
  const seriesOf = new Uint32Array(length)
  let at = 0
  parts.forEach(([, points], series) => {
    for (const [time, value] of points) {
      t[at] = time
      last[at] = value
      seriesOf[at++] = series
    }
  })
  const count = new Float64Array(length).fill(1)
  const buckets = { length, t, last, min: last, max: last, sum: last, count }
  return {
    seq,
    series: parts.map(([key]) => key),
    seriesOf,
    buckets: { ...buckets, estimated: new Uint8Array(length) },
    accounts: [],
  }
}

export { T0 }
