// Claim: a job of 30 days and 100 metrics is deleted within 100 ms, and all its bytes are free within a second.
// Rivals in the same run: SQL DELETE in one file for all jobs, and where installed VictoriaMetrics' delete_series.
//
//   node bench/delete.mjs [--long]      --long: 30 days of a point each 10 s (26 million) instead of two days
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openInProcess } from '../packages/server/dist/stores/embedded/open-in-process.js'
import { blockBytesBelow } from './lib/folder-bytes.mjs'
import { isInstalled } from './lib/installed.mjs'
import { between, seeded } from './lib/random.mjs'
import { report } from './lib/report.mjs'
import { openSqliteRows } from './lib/sqlite-rows.mjs'
import { batchOf, jobId, T0 } from './lib/store-batches.mjs'
import { startVictoria, victoriaVersion } from './lib/victoria-metrics.mjs'

const DAYS = process.argv.includes('--long') ? 30 : 2
const METRICS = 100
const STEP_MS = 10_000
const DAY_MS = 86_400_000
/** The job, and one beside it that stays. */
const [GONE, STAYS] = [jobId(1), jobId(2)]
const STAYING_METRICS = 10
const APPENDED_METRICS = 10
const folder = mkdtempSync(join(tmpdir(), 'plotline-bench-'))
const hasVictoria = isInstalled('victoria-metrics', victoriaVersion)

const ways = [plotline, sqliteRows, ...(hasVictoria ? [victoria] : [])]
const rows = []
for (const open of ways) rows.push(await measured(open))
rmSync(folder, { recursive: true })
report({
  title: `delete: a job of ${METRICS} metrics, ${DAYS} days, a point each ${STEP_MS / 1000} s, beside one that stays`,
  target: 'answered in <= 100 ms, its bytes free in <= 1 s',
  versions: hasVictoria ? { 'victoria-metrics': victoriaVersion } : {},
  rows,
})
console.log(`
Freed: by what its files take less, also those unlinked but still open; and by what the file system has more to give a second later
(statfs), for which whatever else writes on the machine counts too.`)

async function measured(open) {
  const dataDir = mkdtempSync(join(folder, 'delete-'))
  const store = await open(dataDir)
  await fill(store, STAYS, STAYING_METRICS)
  await store.settle()
  const without = blockBytesBelow(store.stored)
  await fill(store, GONE, METRICS)
  await store.settle()
  spawnSync('sync')
  const before = { used: blockBytesBelow(store.stored), free: freeBytes() }
  const start = performance.now()
  await store.deleteJob(GONE)
  const ms = performance.now() - start
  const atOnce = blockBytesBelow(store.stored)
  await sleep(1000 - (performance.now() - start - ms))
  const after = { used: blockBytesBelow(store.stored), free: freeBytes() }
  await store.close()
  const held = before.used - without
  rmSync(dataDir, { recursive: true })
  return {
    way: store.way,
    'answered, ms': ms.toFixed(1),
    'MiB held': mib(held),
    'freed at once': percent(before.used - atOnce, held),
    'after 1 s': percent(before.used - after.used, held),
    'after 1 s, MiB by statfs': mib(after.free - before.free),
  }
}

function freeBytes() {
  const { bfree, bsize } = statfsSync(folder)
  return bfree * bsize
}

function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(1)
}

function percent(part, whole) {
  return `${Math.round((100 * part) / whole) || 0} %`
}

async function fill(store, job, metrics) {
  const random = seeded(9)
  for (let day = 0; day < DAYS; day++) {
    const from = T0 + day * DAY_MS
    const t = Float64Array.from({ length: DAY_MS / STEP_MS }, (_, i) => from + i * STEP_MS)
    for (let first = 0; first < metrics; first += APPENDED_METRICS) {
      const parts = Array.from({ length: APPENDED_METRICS }, (_, i) => ({
        key: { jobId: job, name: `metric_${first + i}`, type: 'gauge' },
        t,
        values: t.map(() => between(random, 1, 1000) / 10),
      }))
      await store.append(parts)
    }
  }
}

function plotline(dataDir) {
  const store = openInProcess({ dataDir })
  let seq = T0
  return {
    way: 'Plotline',
    stored: join(dataDir, 'jobs'), // hot.db, where points wait a minute for their place, is of one size whatever the jobs
    async append(parts) {
      await store.append(batchOf(++seq, parts))
      await store.seal()
    },
    /** The graph of one metric was looked at, so that the reader too has the file open. */
    async settle() {
      const query = { jobId: GONE, names: ['metric_0'], from: T0, to: T0 + DAY_MS, maxPoints: 1000 }
      await store.read(query, [])
    },
    deleteJob: (job) => store.deleteJob(job),
    close: () => store.close(),
  }
}

function sqliteRows(dataDir) {
  const db = openSqliteRows(join(dataDir, 'rows.db'))
  return {
    way: 'SQL DELETE',
    stored: dataDir,
    append(parts) {
      for (const { key, t, values } of parts)
        db.append(new Uint32Array(t.length).fill(db.seriesId(key.jobId, key.name)), t, values)
    },
    settle: () => db.checkpoint(),
    deleteJob(job) {
      db.deleteJob(job)
      db.checkpoint()
    },
    close: () => db.close(),
  }
}

async function victoria(dataDir) {
  const server = await startVictoria(dataDir)
  return {
    way: 'VictoriaMetrics delete_series',
    stored: dataDir,
    async append(parts) {
      for (const { key, t, values } of parts)
        await server.load({ name: key.name, labels: { job: key.jobId }, t, values })
    },
    settle: () => server.settle(),
    deleteJob: (job) =>
      server.call(
        `/api/v1/admin/tsdb/delete_series?match[]=${encodeURIComponent(`{job="${job}"}`)}`,
      ),
    close: () => server.stop(),
  }
}
