// How long one tick takes to be safe on the disk, by the number of series in it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreWriter } from '../packages/server/dist/stores/embedded/store-writer.js'
import { batchOfTick } from './lib/store-batches.mjs'
import { quantile, report } from './lib/report.mjs'

const TICKS = process.argv.includes('--long') ? 300 : 60
const rows = []
for (const series of [100, 1000, 10_000]) {
  const dataDir = mkdtempSync(join(tmpdir(), 'plotline-bench-'))
  const writer = new StoreWriter({ dataDir })
  const times = []
  for (let tick = 0; tick < TICKS; tick++) {
    const batch = batchOfTick(tick, series)
    const start = performance.now()
    writer.append(batch)
    times.push(performance.now() - start)
  }
  const start = performance.now()
  await writer.seal()
  const sealMs = performance.now() - start
  await writer.close()
  rmSync(dataDir, { recursive: true })
  rows.push({
    series,
    'commit p50, ms': quantile(times, 0.5).toFixed(2),
    'commit p99, ms': quantile(times, 0.99).toFixed(2),
    [`sealing ${TICKS} ticks, ms`]: Math.round(sealMs),
    'sealing, us per point': ((sealMs * 1000) / (TICKS * series)).toFixed(1),
  })
}
report({
  title: 'Appending: one durable commit per tick',
  target: 'one commit a second, whatever the number of series',
  rows,
})
