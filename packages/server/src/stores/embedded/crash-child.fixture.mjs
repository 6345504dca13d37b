// Appends ticks as fast as they are taken and writes the seq of each that was acknowledged. Killed by crash.test.ts.
import { writeSync } from 'node:fs'
import { batchOfSingles } from './single-points.fixture.mjs'

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
  const seriesOf = values.map((_, i) => Math.min(i, 1))
  return batchOfSingles(at, series, seriesOf, values)
}
