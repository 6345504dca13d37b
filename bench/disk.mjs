// Claim: at most 1.4 bytes on the disk for each point of the toy program, with all levels, heads and indexes, once all is sealed.
// Rivals in the same run, where installed: Prometheus and VictoriaMetrics with the same points; and gzipped CSV.
//
//   node bench/disk.mjs [--long]      --long: the other kinds of data over ten days too
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { openDatabase } from '../packages/server/dist/sqlite/database.js'
import { StoreWriter } from '../packages/server/dist/stores/embedded/store-writer.js'
import { bytesBelow } from './lib/folder-bytes.mjs'
import { isInstalled } from './lib/installed.mjs'
import { prometheusBytes, prometheusVersion } from './lib/prometheus.mjs'
import { between, gaussian, seeded } from './lib/random.mjs'
import { report } from './lib/report.mjs'
import { batchOf, jobId, T0 } from './lib/store-batches.mjs'
import { startVictoria, victoriaVersion } from './lib/victoria-metrics.mjs'

const LONG = process.argv.includes('--long')
const HOUR_S = 3600
const DAY_S = 86_400
/** As the server does it; ten days in a tenth as many steps. */
const SEAL_EACH_S = 60
const SEAL_EACH_S_LONG = 600
const folder = mkdtempSync(join(tmpdir(), 'plotline-bench-'))
const hasPrometheus = isInstalled('prometheus (promtool)', prometheusVersion)
const hasVictoria = isInstalled('victoria-metrics', victoriaVersion)

const counter = { name: 'steps', type: 'counter', values: () => () => 1 }
const score = { name: 'score', type: 'gauge', values: (random) => () => between(random, 1, 100) }
const oneDecimal = {
  name: 'load',
  type: 'gauge',
  values(random) {
    let tenths = 400
    return () =>
      (tenths = Math.max(0, Math.min(1000, tenths + Math.round(gaussian(random) * 20)))) / 10
  },
}
const loss = {
  name: 'loss',
  type: 'gauge',
  values(random) {
    let i = 0
    return () => 1 / (1 + i++ / 1000) + gaussian(random) * 0.01
  },
}
const loss32 = {
  ...loss,
  values(random) {
    const next = loss.values(random)
    return () => Math.fround(next())
  },
}
const constant = { name: 'workers', type: 'gauge', values: () => () => 8 }

/** `stepMs`: how long the program sleeps between two samples, beside which it takes a ms or so; `isEven`: as if it took none. */
const toy = [counter, score]
const kinds = [
  ['toy program, each 2 s, an hour', toy, 2000, HOUR_S],
  ['toy program, each 2 s, a day', toy, 2000, DAY_S],
  ['toy program, each 2 s, ten days', toy, 2000, 10 * DAY_S],
  ['toy program, each second, an hour', toy, 1000, HOUR_S],
  ['toy program, each second, a day', toy, 1000, DAY_S],
  ['toy program, each second, ten days', toy, 1000, 10 * DAY_S],
  ['toy program, each second on the ms, a day', toy, 1000, DAY_S, true],
  ...(LONG ? [1, 10] : [1]).flatMap((days) => {
    const seconds = days * DAY_S
    const time = days === 1 ? 'a day' : 'ten days'
    return [
      [`one decimal (a load in percent), each second, ${time}`, [oneDecimal], 1000, seconds],
      [`loss, full entropy, each second, ${time}`, [loss], 1000, seconds],
      [`loss, float32 widened, each second, ${time}`, [loss32], 1000, seconds],
      [`a constant, each second, ${time}`, [constant], 1000, seconds],
      [`idle counter, +1 each 10 minutes, ${time}`, [counter], 600_000, seconds],
    ]
  }),
]

const rows = []
for (const kind of kinds) rows.push(await measured(...kind))
rmSync(folder, { recursive: true })
report({
  title: 'disk: bytes per point, everything sealed, all levels and indexes',
  target: '<= 1.4 on the data of the toy program (a counter, +1, and a gauge, 1 to 100)',
  versions: {
    ...(hasPrometheus && { prometheus: prometheusVersion }),
    ...(hasVictoria && { 'victoria-metrics': victoriaVersion }),
  },
  rows,
})
console.log(`
Plotline keeps last, min, max, sum and count on five levels, the others one value on one. Its hot.db and ballast, of one size for all
jobs together, are left out, as are VictoriaMetrics' caches and Prometheus' write-ahead log. VictoriaMetrics rounds to 12 digits.`)

async function measured(what, metrics, stepMs, seconds, isEven = false) {
  const random = seeded(5)
  const clocks = timesOf(random, stepMs, seconds, isEven)
  const series = metrics.map(({ name, type, values }) => {
    const next = values(random)
    return { name, type, t: clocks, values: clocks.map(() => next()) }
  })
  const points = series.reduce((sum, { t }) => sum + t.length, 0)
  const perPoint = (bytes) => (bytes / points).toFixed(2)
  const { bytes, level0, levels } = await plotlineBytes(series, seconds)
  const drawn = series.map((one) => (one.type === 'counter' ? withTotals(one) : one))
  return {
    data: what,
    points,
    Plotline: perPoint(bytes),
    'of it points': perPoint(level0),
    'of it levels': perPoint(levels),
    ...(hasVictoria && { VictoriaMetrics: perPoint(await victoriaBytes(drawn)) }),
    ...(hasPrometheus && { Prometheus: perPoint(prometheusBytes(folder, drawn)) }),
    'gzipped CSV': perPoint(gzipSync(csvOf(series)).length),
  }
}

function timesOf(random, stepMs, seconds, isEven) {
  const times = []
  const lateMs = () => (isEven ? 0 : between(random, 0, 1) + (random() < 0.05 ? 1 : 0))
  for (let t = T0; t < T0 + seconds * 1000; t += stepMs + lateMs()) times.push(t)
  return Float64Array.from(times)
}

/** What the other two are given for a counter. */
function withTotals(series) {
  let total = 0
  return { ...series, values: series.values.map((value) => (total += value)) }
}

async function plotlineBytes(series, seconds) {
  const dataDir = mkdtempSync(join(folder, 'plotline-'))
  const writer = new StoreWriter({ dataDir })
  const sealEachMs = 1000 * (seconds > DAY_S ? SEAL_EACH_S_LONG : SEAL_EACH_S)
  const { t } = series[0]
  for (let start = 0; start < t.length;) {
    const until = t[start] + sealEachMs
    let end = start
    while (end < t.length && t[end] < until) end++
    const parts = series.map(({ name, type, values }) => ({
      key: { jobId: jobId(1), name, type },
      t: t.subarray(start, end),
      values: values.subarray(start, end),
    }))
    writer.append(batchOf(until, parts))
    await writer.seal()
    start = end
  }
  await writer.close()
  const job = join(dataDir, 'jobs', jobId(1))
  const bytes = { bytes: bytesBelow(job, isKept), ...dataBytes(join(job, 'metrics.db')) }
  rmSync(dataDir, { recursive: true })
  return bytes
}

/** SQLite's index of the WAL is there only while somebody has the file open, which the driver may do longer than we. */
function isKept(path) {
  return !path.endsWith('-shm')
}

/** Bytes of the points as received and of the levels above, as compressed: without heads, indexes and what pages leave empty. */
function dataBytes(path) {
  const db = openDatabase(path, { readOnly: true })
  const levels = db
    .prepare(
      `SELECT level, sum(length(data)) AS bytes FROM chunk
       JOIN (SELECT * FROM chunk_data UNION ALL SELECT * FROM tail_data) USING (id) GROUP BY level ORDER BY level`,
    )
    .all()
  db.close()
  return {
    level0: levels[0].bytes,
    levels: levels.slice(1).reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

async function victoriaBytes(series) {
  const dataDir = mkdtempSync(join(folder, 'victoria-'))
  const victoria = await startVictoria(dataDir)
  for (const one of series) await victoria.load(one)
  await victoria.settle()
  await victoria.stop()
  const bytes = victoria.stored.reduce((sum, path) => sum + bytesBelow(path), 0)
  rmSync(dataDir, { recursive: true })
  return bytes
}

function csvOf(series) {
  const lines = []
  series.forEach(({ name, t, values }) => {
    for (let i = 0; i < t.length; i++) lines.push(`${name},${t[i]},${values[i]}\n`)
  })
  return lines.join('')
}
