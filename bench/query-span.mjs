// A graph of 1000 points over any span of one series among many stored points: cold (files just opened, page cache as it is) and warm.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreReader } from '../packages/server/dist/stores/embedded/store-reader.js'
import { StoreWriter } from '../packages/server/dist/stores/embedded/store-writer.js'
import { batchOf, jobId, T0 } from './lib/store-batches.mjs'
import { quantile, report } from './lib/report.mjs'

const LONG = process.argv.includes('--long')
const POINTS = LONG ? 100_000_000 : 4_000_000
const STEP_MS = LONG ? 1000 : 8000 // so that the spans reach a year in both
const SERIES = Math.max(1, Math.round(POINTS / ((365 * 86_400_000) / STEP_MS)))
const PER_SERIES = Math.floor(POINTS / SERIES)
const QUERIES = 60
const SLICE = 20_000
const dataDir = mkdtempSync(join(tmpdir(), 'plotline-bench-'))

await fill()
const spans = {
  '1 minute': 60e3,
  '1 hour': 3.6e6,
  '1 day': 86.4e6,
  '30 days': 2592e6,
  '1 year': 365 * 86.4e6,
}
const rows = Object.entries(spans).map(([span, spanMs]) => ({ span, ...times(spanMs) }))
rmSync(dataDir, { recursive: true })
report({
  title: `Query: 1000 points of one of ${SERIES} series, ${(SERIES * PER_SERIES).toLocaleString('en')} points stored`,
  target: 'p99 <= 25 ms cold; a span 100 times longer costs less than twice',
  rows,
})

async function fill() {
  const writer = new StoreWriter({ dataDir })
  const keys = Array.from({ length: SERIES }, (_, i) => ({
    jobId: jobId(1),
    name: `m${i}`,
    type: i % 2 ? 'counter' : 'gauge',
  }))
  let seq = T0
  for (let at = 0; at < PER_SERIES; at += SLICE) {
    const points = Array.from({ length: Math.min(SLICE, PER_SERIES - at) }, (_, i) => [
      T0 + (at + i) * STEP_MS,
      1 + Math.floor(Math.random() * 100),
    ])
    for (const key of keys) writer.append(batchOf(++seq, [[key, points]]))
    await writer.seal()
  }
  await writer.close()
}

function times(spanMs) {
  const cold = []
  const warm = []
  let length = 0
  for (let i = 0; i < QUERIES; i++) {
    const reader = new StoreReader({ dataDir })
    const from = T0 + Math.floor(Math.random() * Math.max(1, PER_SERIES * STEP_MS - spanMs))
    const name = `m${Math.floor(Math.random() * SERIES)}`
    const query = { jobId: jobId(1), names: [name], from, to: from + spanMs, maxPoints: 1000 }
    for (const taken of [cold, warm]) {
      const start = performance.now()
      length = Math.max(length, reader.readOne(query, name, [])?.t.length ?? 0)
      taken.push(performance.now() - start)
    }
    reader.close()
  }
  return {
    'most points': length,
    'cold p50, ms': ms(cold, 0.5),
    'cold p99, ms': ms(cold, 0.99),
    'warm p50, ms': ms(warm, 0.5),
    'warm p99, ms': ms(warm, 0.99),
  }
}

function ms(values, q) {
  return quantile(values, q).toFixed(1)
}
