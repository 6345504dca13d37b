// Bytes on the disk per point, all levels, heads and indexes, next to the same points as gzipped CSV.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { openInProcess } from '../packages/server/dist/stores/embedded/open-in-process.js'
import { openDatabase } from '../packages/server/dist/sqlite/database.js'
import { batchOf, jobId, T0 } from './lib/store-batches.mjs'
import { report } from './lib/report.mjs'

const POINTS = process.argv.includes('--long') ? 30 * 86_400 : 86_400
const SERIES = 4
const gaussian = () =>
  Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
/** A program that sends once a second, a millisecond or so late each time. */
const sleepy = () => {
  let t = T0
  return () => (t += 1000 + (Math.random() < 0.5 ? 1 : 0) + (Math.random() < 0.05 ? 1 : 0))
}
const even = () => {
  let t = T0
  return () => (t += 1000)
}
const kinds = {
  'toy program: randint(1, 100) each second': [
    'gauge',
    even,
    () => () => 1 + Math.floor(Math.random() * 100),
  ],
  'the same, sent a little late each time': [
    'gauge',
    sleepy,
    () => () => 1 + Math.floor(Math.random() * 100),
  ],
  'one decimal (CPU %)': [
    'gauge',
    even,
    () => {
      let v = 40
      return () => (v = Math.round(Math.max(0, Math.min(1000, v * 10 + gaussian() * 20))) / 10)
    },
  ],
  'loss, full entropy': [
    'gauge',
    even,
    () => {
      let i = 0
      return () => 1 / (1 + i++ / 1000) + gaussian() * 0.01
    },
  ],
  'loss, float32 widened': [
    'gauge',
    even,
    () => {
      let i = 0
      return () => Math.fround(1 / (1 + i++ / 1000) + gaussian() * 0.01)
    },
  ],
  'counter, +1 each second': ['counter', even, () => () => 1],
}
const rows = []
for (const [kind, [type, times, values]] of Object.entries(kinds))
  rows.push(await measured(kind, type, times, values))
report({
  title: `Disk: bytes per point, ${SERIES} series of ${POINTS} points in one job`,
  target: '<= 1.4 on the toy program',
  rows,
})

async function measured(kind, type, times, values) {
  const dataDir = mkdtempSync(join(tmpdir(), 'plotline-bench-'))
  const store = openInProcess({ dataDir })
  const keys = Array.from({ length: SERIES }, (_, i) => ({
    jobId: jobId(1),
    name: `metric_${i}`,
    type,
  }))
  const clocks = keys.map(times)
  const next = keys.map(values)
  const csv = []
  const SLICE = 600 // ten minutes between two seals
  for (let at = 0; at < POINTS; at += SLICE) {
    const parts = keys.map((key, k) => {
      const points = Array.from({ length: SLICE }, () => [clocks[k](), next[k]()])
      csv.push(points.map((point) => `${key.name},${point.join(',')}`).join('\n'))
      return [key, points]
    })
    await store.append(batchOf(T0 + (at + SLICE) * 1000, parts))
    await store.seal()
  }
  await store.close()
  const again = openInProcess({ dataDir })
  const bytes = await again.bytesOf(jobId(1))
  await again.close()
  const db = openDatabase(join(dataDir, 'jobs', jobId(1), 'metrics.db'), { readOnly: true })
  const data = db
    .prepare(
      'SELECT level, sum(length(data)) AS bytes FROM chunk JOIN chunk_data USING (id) GROUP BY level ORDER BY level',
    )
    .all()
  db.close()
  rmSync(dataDir, { recursive: true })
  const total = POINTS * SERIES
  return {
    data: kind,
    'bytes per point': (bytes / total).toFixed(2),
    'of it level 0': (data[0].bytes / total).toFixed(2),
    'levels 1 to 5': (data.slice(1).reduce((sum, row) => sum + row.bytes, 0) / total).toFixed(2),
    'gzipped CSV': (gzipSync(csv.join('\n')).length / total).toFixed(2),
  }
}
