// Claim: series are sealed as fast as they come, so that what waits in hot.db stays bounded and none of it is refused.
// Rival in the same run: the same points as rows of SQLite, one transaction a second, which has nothing to seal.
//
//   node bench/steady.mjs [--seconds 180] [--series 10000 ...] [--way plotline]      in real time: each second a sample of each series
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openEmbeddedStore } from '../packages/server/dist/stores/embedded/open-embedded-store.js'
import { costOf } from './lib/process-cost.mjs'
import { between, seeded } from './lib/random.mjs'
import { quantile, report } from './lib/report.mjs'
import { openSqliteRows } from './lib/sqlite-rows.mjs'
import { batchAt, gauges } from './lib/store-batches.mjs'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '180' },
    series: { type: 'string', multiple: true, default: ['10000', '50000'] },
    way: { type: 'string' },
  },
})
const SECONDS = Number(options.seconds)
/** When sealing begins. */
const SETTLED_AT_SECOND = Math.min(60, SECONDS / 2)
const WAYS = { plotline, sqliteRows }
const random = seeded(1)

const rows = []
for (const count of options.series.map(Number))
  for (const way of options.way === undefined ? Object.keys(WAYS) : [options.way])
    rows.push(await rowOf(way, gauges(count)))
report({
  title: 'steady: a sample of each series each second',
  target: 'no sample is refused, and what waits to be sealed does not grow without end',
  rows,
})
console.log(`
Values are whole numbers, 1 to 100, 100 series a job. CPU: of all threads, in shares of one core, with what makes the samples, from
second ${SETTLED_AT_SECOND} to ${SECONDS}.`)

async function rowOf(way, keys) {
  const folder = mkdtempSync(join(tmpdir(), 'plotline-bench-steady-'))
  const store = await WAYS[way](folder, keys)
  const ms = []
  const settled = { cpuUs: 0, ms: 0 }
  let refused = 0
  const start = performance.now()
  for (let second = 0; second < SECONDS; second++) {
    const batch = batchAt(Date.now(), keys, () => between(random, 1, 100))
    const cost = await costOf(async () => {
      const begun = performance.now()
      await store.append(batch).catch(() => refused++)
      ms.push(performance.now() - begun)
      await sleep(Math.max(0, start + (second + 1) * 1000 - performance.now()))
    })
    if (second < SETTLED_AT_SECOND) continue
    settled.cpuUs += cost.cpuUs
    settled.ms += cost.ms
  }
  const waiting = store.waitingMib()
  await store.close()
  rmSync(folder, { recursive: true })
  return {
    series: keys.length.toLocaleString('en'),
    way: store.way,
    'commit p50, ms': quantile(ms, 0.5).toFixed(0),
    'commit p99, ms': quantile(ms, 0.99).toFixed(0),
    'ticks refused': refused,
    'hot.db, MiB': waiting,
    CPU: (settled.cpuUs / 1000 / settled.ms).toFixed(2),
  }
}

async function plotline(dataDir) {
  const store = await openEmbeddedStore({ dataDir, ballastBytes: 0 })
  return {
    way: 'Plotline',
    append: (batch) => store.append(batch),
    waitingMib: () => (statSync(join(dataDir, 'hot.db')).size / 2 ** 20).toFixed(0),
    close: () => store.close(),
  }
}

async function sqliteRows(folder, keys) {
  const db = openSqliteRows(join(folder, 'rows.db'))
  const ids = keys.map(({ jobId, name }) => db.seriesId(jobId, name))
  return {
    way: 'SQLite rows',
    append: async ({ buckets }) => db.append(ids, buckets.t, buckets.last),
    waitingMib: () => '',
    close: async () => db.close(),
  }
}
