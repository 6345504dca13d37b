// Claim: one durable commit a second, whatever the number of series. How long it takes, what it costs the processor and the disk.
// Rivals in the same run: the same points as rows of SQLite, one transaction a tick; and the floor, doubles written and synced.
//
//   node bench/append.mjs [--long]
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreWriter } from '../packages/server/dist/stores/embedded/store-writer.js'
import { fsyncsDuring } from './lib/fsync-count.mjs'
import { costOf } from './lib/process-cost.mjs'
import { quantile, report } from './lib/report.mjs'
import { openSqliteRows } from './lib/sqlite-rows.mjs'
import { batchOfTick, gauges } from './lib/store-batches.mjs'

const LONG = process.argv.includes('--long')
const SIZES = [100, 1000, 10_000, 100_000]
/** The server seals once a minute; fewer where they are many points, so that it ends soon. */
const TICKS = LONG ? 300 : 60
const MAX_POINTS = LONG ? 6_000_000 : 1_000_000
/** To seal 1000 jobs takes minutes: with --long only. */
const MAX_SEALED_SERIES = LONG ? Infinity : 10_000
const WARM_UP_TICKS = 5
/** As many as show what checkpoints add. */
const COUNTED_TICKS = 16
const NOT_NOW = () => true
const folder = mkdtempSync(join(tmpdir(), 'plotline-bench-'))

const rows = []
for (const series of SIZES) rows.push(...(await measured(gauges(series))))
rmSync(folder, { recursive: true })
report({
  title: 'append: one durable commit for each tick of all series',
  target: 'one commit a second, and one fsync, whatever the number of series',
  rows,
})
console.log(`
Bytes written are those that the process hands to its files. Sealing moves the ticks of all these seconds into the jobs' own files, 100
series in each. The values are random doubles, which nothing can pack.`)

/** All ways take each tick in turn, so that what else the machine does hits them alike. */
async function measured(keys) {
  const ticks = Math.min(TICKS, Math.floor(MAX_POINTS / keys.length))
  const stores = [plotline, sqliteRows, rawFile].map((open) =>
    open(mkdtempSync(join(folder, 'append-')), keys),
  )
  const commits = new Map(stores.map((store) => [store, []]))
  for (let tick = -WARM_UP_TICKS; tick < ticks; tick++) {
    const batch = batchOfTick(tick, keys)
    for (const store of stores) {
      const cost = await costOf(() => store.append(batch))
      if (tick >= 0) commits.get(store).push(cost)
    }
    if (tick === -1) for (const store of stores) await store.seal?.()
  }
  const found = []
  for (const store of stores) found.push(await rowOf(store, keys, commits.get(store)))
  return found
}

async function rowOf(store, keys, commits) {
  const ticks = commits.length
  const points = ticks * keys.length
  const ms = commits.map((commit) => commit.ms)
  const sealed = store.seal && (await costOf(() => store.seal()))
  const fsyncs = await fsyncsDuring(() => {
    for (let i = 0; i < COUNTED_TICKS; i++) store.append(batchOfTick(ticks + i, keys))
  })
  const sealFsyncs = store.seal && (await fsyncsDuring(() => store.seal()))
  await store.close()
  return {
    series: keys.length.toLocaleString('en'),
    way: store.way,
    ticks,
    'p50, ms': quantile(ms, 0.5).toFixed(2),
    'p99, ms': quantile(ms, 0.99).toFixed(2),
    'CPU, us a point': (sumOf(commits, 'cpuUs') / points).toFixed(2),
    'KiB a tick': (sumOf(commits, 'writtenBytes') / ticks / 1024).toFixed(1),
    ...(fsyncs !== undefined && { 'fsyncs a tick': (fsyncs / COUNTED_TICKS).toFixed(1) }),
    'sealing: CPU, us a point': sealed ? (sealed.cpuUs / points).toFixed(1) : '',
    'sealing: KiB a tick': sealed ? (sealed.writtenBytes / ticks / 1024).toFixed(1) : '',
    ...(fsyncs !== undefined && { 'sealing: fsyncs': sealFsyncs ?? '' }),
  }
}

function sumOf(costs, what) {
  return costs.reduce((sum, cost) => sum + cost[what], 0)
}

function plotline(dataDir, keys) {
  const writer = new StoreWriter({ dataDir })
  return {
    way: 'Plotline',
    append: (batch) => writer.append(batch),
    ...(keys.length <= MAX_SEALED_SERIES && { seal: () => writer.seal() }),
    close: () => writer.close(NOT_NOW),
  }
}

function sqliteRows(dataDir, keys) {
  const db = openSqliteRows(join(dataDir, 'rows.db'))
  const ids = keys.map(({ jobId, name }) => db.seriesId(jobId, name))
  return {
    way: 'SQLite rows',
    append: ({ buckets }) => db.append(ids, buckets.t, buckets.last),
    close: () => db.close(),
  }
}

function rawFile(dataDir) {
  const file = openSync(join(dataDir, 'raw'), 'a')
  return {
    way: 'write, fsync',
    append({ buckets }) {
      writeSync(file, new Uint8Array(buckets.last.buffer))
      fsyncSync(file)
    },
    close: () => closeSync(file),
  }
}
