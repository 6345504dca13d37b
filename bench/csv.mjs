// Claim: the memory of the CSV export of a metric as received does not grow with its length, also where the reader stops reading.
// Rivals in the same run: the same points as rows of SQLite, read at once and joined to one text, as a server without streams
// does it; and where installed the sqlite3 shell's own .csv.
//
//   node bench/csv.mjs [--long] [--points N ...]      --long: 10 million points too, whose stores take some minutes to build
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openSqliteJobStore } from '../packages/server/dist/stores/sqlite/sqlite-job-store.js'
import { StoreWriter } from '../packages/server/dist/stores/embedded/store-writer.js'
import { isInstalled, versionOf } from './lib/installed.mjs'
import { forgetPeak, memoryOf } from './lib/process-memory.mjs'
import { between, seeded } from './lib/random.mjs'
import { report } from './lib/report.mjs'
import { serve } from './lib/serve.mjs'
import { openSqliteRows } from './lib/sqlite-rows.mjs'
import { batchOf, jobId, T0 } from './lib/store-batches.mjs'

const { values: options } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    points: { type: 'string', multiple: true },
  },
})
const LENGTHS = options.points?.map(Number) ?? [200_000, 2_000_000, ...(options.long ? [1e7] : [])]
const NAIVE = fileURLToPath(new URL('./lib/naive-csv.mjs', import.meta.url))
const JOB = jobId(1)
const STEP_MS = 1000
/** A client that sends each second is a few ms late, now more, now less. */
const MAX_LATE_MS = 4
const SLICE_POINTS = 4096
const SETTLE_MS = 2000
const PAUSE_AFTER_BYTES = 2 ** 20
const PAUSE_MS = 5000
const SAMPLE_MS = 20
const NEW_LINE = 10
const ALL_POINTS = `SELECT t, 'score', 'gauge', value, value, value, value, 1 FROM point WHERE series=1 ORDER BY t`
const say = (text) => process.stderr.write(`${text}\n`)

const sqliteVersion = versionOf('sqlite3', ['--version'])
const hasShell = isInstalled('sqlite3', sqliteVersion)
const rows = []
for (const length of LENGTHS) rows.push(...(await rowsOf(length)))
report({
  title: 'csv: one metric exported as received',
  target: 'a peak of memory that does not grow with the length, also where the reader pauses',
  versions: hasShell ? { sqlite3: sqliteVersion } : {},
  rows,
})
console.log(`
Before and peak: memory of the whole process, a new one for each row. Pausing reader: none read for ${PAUSE_MS / 1000} s after the first MiB;
its rate is without the pause.`)

async function rowsOf(length) {
  const folder = mkdtempSync(join(tmpdir(), 'plotline-bench-csv-'))
  try {
    const [dataDir, rowsFile] = [join(folder, 'data'), join(folder, 'rows.db')]
    say(`building ${length.toLocaleString('en')} points`)
    for (const [name, type] of [
      ['score', 'gauge'],
      ['steps', 'counter'],
    ])
      await fillStore(join(dataDir, name), name, type, length)
    fillRows(rowsFile, length)
    const plotline = (name, pauseMs) => exported(join(dataDir, name), name, pauseMs)
    return [
      row('Plotline, a gauge', length, await plotline('score', 0)),
      row('Plotline, a counter', length, await plotline('steps', 0)),
      row('Plotline, a gauge, pausing reader', length, await plotline('score', PAUSE_MS)),
      row('SQLite rows, one text', length, await naive(rowsFile)),
      ...(hasShell ? [row('sqlite3 shell, .csv', length, await shell(rowsFile))] : []),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function row(way, length, { lines, bytes, ms, before, peak, failure }) {
  if (failure === undefined && lines !== undefined && lines !== length)
    throw new Error(`${way}: ${lines} of ${length} points came`)
  return {
    points: length.toLocaleString('en'),
    way,
    'before, MB': before?.toFixed(0) ?? '',
    'peak, MB': peak.toFixed(0),
    ...(failure === undefined
      ? {
          'points a second': Math.round(length / (ms / 1000)).toLocaleString('en'),
          'MB a second': (bytes / 1000 / ms).toFixed(1),
          'CSV, MB': (bytes / 1e6).toFixed(1),
        }
      : { 'points a second': failure }),
  }
}

/** The real server on the store; `pauseMs`: how long its reader stops after the first MiB. */
async function exported(dataDir, name, pauseMs) {
  const server = await serve(dataDir)
  await sleep(SETTLE_MS)
  const { now } = memoryOf(server.pid)
  forgetPeak(server.pid)
  const start = performance.now()
  const { lines, bytes } = await readCsv(server, name, pauseMs)
  const ms = performance.now() - start - pauseMs
  const { peak } = memoryOf(server.pid)
  await server.stop()
  return { lines: lines - 1, bytes, ms, before: now, peak }
}

async function readCsv({ url, key }, name, pauseMs) {
  const request = get(`${url}/api/v1/jobs/${JOB}/metrics.csv?names=${name}`, {
    headers: { 'x-api-key': key },
  })
  const [response] = await once(request, 'response')
  if (response.statusCode !== 200) throw new Error(`The server answered ${response.statusCode}.`)
  let [lines, bytes, hasPaused] = [0, 0, pauseMs === 0]
  for await (const chunk of response) {
    lines += linesOf(chunk)
    bytes += chunk.length
    if (hasPaused || bytes < PAUSE_AFTER_BYTES) continue
    hasPaused = true
    await sleep(pauseMs)
  }
  return { lines, bytes }
}

function linesOf(chunk) {
  let lines = 0
  for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, at + 1)) lines++
  return lines
}

async function naive(rowsFile) {
  const run = await watched(process.execPath, [NAIVE, rowsFile, '1', 'score'])
  return { ...run, bytes: Number(run.text), lines: undefined }
}

/** Its output is the CSV itself, without a header. */
function shell(rowsFile) {
  return watched('sqlite3', ['-csv', rowsFile, ALL_POINTS])
}

/** Runs the command to its end; its peak of memory is looked at while it runs. */
async function watched(command, args) {
  const start = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid))
  }, SAMPLE_MS)
  let [lines, bytes, text] = [0, 0, '']
  child.stdout.on('data', (chunk) => {
    lines += linesOf(chunk)
    bytes += chunk.length
    if (text === '') text = String(chunk)
  })
  const [code, signal] = await once(child, 'close')
  clearInterval(watch)
  const ms = performance.now() - start
  const failure = code === 0 ? undefined : `ended with ${signal ?? code}`
  return { lines, bytes, text, ms, peak, failure }
}

function peakOf(pid) {
  try {
    return memoryOf(pid).peak || 0
  } catch {
    return 0 // it has ended
  }
}

/** A data folder with one ended job, whose only metric has `length` points. */
async function fillStore(dataDir, name, type, length) {
  const writer = new StoreWriter({ dataDir })
  const nextPoints = generator(type, length)
  for (let t = nextPoints(), at = T0; t.t.length > 0; t = nextPoints()) {
    at += SLICE_POINTS * STEP_MS
    writer.append(batchOf(at, [{ key: { jobId: JOB, name, type }, ...t }]))
    await writer.seal()
  }
  await writer.close()
  const jobs = openSqliteJobStore(join(dataDir, 'meta.db'))
  await jobs.create(() => endedJob(name, length))
  await jobs.close()
}

function endedJob(name, length) {
  return {
    id: JOB,
    name: 'bench',
    project: 'default',
    state: 'Stopped',
    exitCode: 0,
    error: null,
    command: 'true',
    container: null,
    workspace: null,
    env: {},
    secrets: [],
    customMetrics: [name],
    tags: [],
    parentId: null,
    createdAt: T0,
    startedAt: T0,
    finishedAt: T0 + length * STEP_MS,
    statsdPort: null,
    stopRequested: false,
  }
}

function fillRows(path, length) {
  const db = openSqliteRows(path)
  const series = db.seriesId(JOB, 'score')
  const nextPoints = generator('gauge', length)
  for (let points = nextPoints(); points.t.length > 0; points = nextPoints())
    db.append(new Uint32Array(points.t.length).fill(series), points.t, points.values)
  db.checkpoint()
  db.close()
}

/** Gives the next points of the metric, the same ones each time; in the end none. */
function generator(type, length) {
  const random = seeded(1)
  let from = 0
  return () => {
    const size = Math.min(SLICE_POINTS, length - from)
    const t = Float64Array.from(
      { length: size },
      (_, i) => T0 + (from + i) * STEP_MS + between(random, 0, MAX_LATE_MS),
    )
    const values = t.map(() => (type === 'counter' ? 1 : between(random, 1, 100)))
    from += size
    return { t, values }
  }
}
