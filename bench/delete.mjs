// Deleting a job of many metrics: how long the answer takes and what of its bytes is free then. Rival: SQL DELETE in one file for all jobs.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../packages/server/dist/sqlite/database.js'
import { openInProcess } from '../packages/server/dist/stores/embedded/open-in-process.js'
import { batchOf, jobId, T0 } from './lib/store-batches.mjs'
import { report } from './lib/report.mjs'

const DAYS = process.argv.includes('--long') ? 30 : 1
const SERIES = 100
const STEP_MS = 10_000
const dataDir = mkdtempSync(join(tmpdir(), 'plotline-bench-'))
const bytesMb = (bytes) => (bytes / 2 ** 20).toFixed(1)
const rows = [await plotline(), sqlDelete()]
rmSync(dataDir, { recursive: true })
report({
  title: `Deleting a job of ${SERIES} metrics, ${DAYS} days, one point each 10 s`,
  target: 'answered in <= 100 ms, its bytes free in <= 1 s',
  rows,
})

async function plotline() {
  const store = openInProcess({ dataDir })
  const perDay = 86_400_000 / STEP_MS
  for (let day = 0; day < DAYS; day++) {
    const parts = Array.from({ length: SERIES }, (_, i) => [
      { jobId: jobId(1), name: `m${i}`, type: 'gauge' },
      Array.from({ length: perDay }, (__, k) => [T0 + (day * perDay + k) * STEP_MS, Math.random()]),
    ])
    await store.append(batchOf(T0 + day, parts))
    await store.seal()
  }
  const bytes = await store.bytesOf(jobId(1))
  const start = performance.now()
  const freed = await store.deleteJob(jobId(1))
  const ms = performance.now() - start
  await store.close()
  return {
    way: 'plotline, unlink',
    'answered, ms': ms.toFixed(1),
    'MiB held': bytesMb(bytes),
    'MiB freed at once': bytesMb(freed),
  }
}

/** As many bytes of blobs, every other row of another job. */
function sqlDelete() {
  const path = join(dataDir, 'all.db')
  const db = openDatabase(path, { pageSizeBytes: 16_384 })
  db.exec(
    'CREATE TABLE chunk(id INTEGER PRIMARY KEY, job INTEGER, data BLOB); CREATE INDEX by_job ON chunk(job)',
  )
  const insert = db.prepare('INSERT INTO chunk(job, data) VALUES (?, randomblob(7000))')
  const chunks = Math.ceil((DAYS * SERIES * 86_400_000) / STEP_MS / 1024)
  db.transaction(() => {
    for (let i = 0; i < 2 * chunks; i++) insert.run(i % 2)
  })
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const before = statSync(path).size
  const start = performance.now()
  db.exec('DELETE FROM chunk WHERE job=1; PRAGMA wal_checkpoint(TRUNCATE)')
  const ms = performance.now() - start
  const after = statSync(path).size
  db.close()
  return {
    way: 'SQL DELETE',
    'answered, ms': ms.toFixed(1),
    'MiB held': bytesMb(before / 2),
    'MiB freed at once': bytesMb(before - after),
  }
}
