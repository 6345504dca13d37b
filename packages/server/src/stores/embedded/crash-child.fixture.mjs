// Appends ticks as fast as they are taken and writes the seq of each that was acknowledged. Killed by crash.test.ts.
import { writeSync } from 'node:fs'

const [, , compiled, dataDir] = process.argv
const { openEmbeddedStore } = await import(compiled)
const SAMPLES_PER_TICK = 250
const store = await openEmbeddedStore({ dataDir, ballastBytes: 0 })
let seq = Math.max(1_700_000_000_000, await store.lastSeq())
for (let tick = 0; ; tick++) {
  seq++
  await store.append(batch(seq))
  writeSync(1, `${seq}\n`)
  if (tick % 10 === 9) void store.seal()
}

/** One increment and values: the total says how many ticks there are, the values which. */
function batch(at) {
  const series = ['steps', 'loss'].map((name, i) => ({
    jobId: 'jaaaaaaaaaaaa',
    name,
    type: i === 0 ? 'counter' : 'gauge',
  }))
  const values = Float64Array.from({ length: SAMPLES_PER_TICK }, (_, i) => (i === 0 ? 1 : at))
  return {
    seq: at,
    series,
    seriesOf: Uint32Array.from(values, (_, i) => Math.min(i, 1)),
    buckets: {
      length: values.length,
      t: new Float64Array(values.length).fill(at),
      last: values,
      min: values,
      max: values,
      sum: values,
      count: new Float64Array(values.length).fill(1),
      estimated: new Uint8Array(values.length),
    },
    accounts: [],
  }
}
