/** A batch of points as received, all of the time of its tick: value i belongs to series[seriesOf[i]]. */
export function batchOfSingles(seq, series, seriesOf, values) {
  const { length } = values
  return {
    seq,
    series,
    seriesOf: Uint32Array.from(seriesOf),
    buckets: {
      length,
      t: new Float64Array(length).fill(seq),
      last: values,
      min: values,
      max: values,
      sum: values,
      count: new Float64Array(length).fill(1),
      estimated: new Uint8Array(length),
    },
    accounts: [],
  }
}
