// Claim: a graph of 1000 points over any span, of 100 million stored points, within 25 ms at p99 with nothing in memory, and a span
// 100 times longer costs less than twice. Rival in the same run: as many points as one of the series has, as rows of SQLite, GROUP BY.
//
//   node bench/query-span.mjs [--long] [--data DIR] [--questions N] [--alone]
//
// --long: 100 million points, which takes twenty minutes or more to build, instead of 4.5 million. --data keeps them for the next run.
// --alone: without the rival, whose year of 32 million rows takes half a minute a question.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { StoreReader } from '../packages/server/dist/stores/embedded/store-reader.js'
import { longHistory } from './lib/long-history.mjs'
import { cachedBytes, coldFiles } from './lib/page-cache.mjs'
import { between, seeded } from './lib/random.mjs'
import { quantile, report } from './lib/report.mjs'
import { openSqliteRows } from './lib/sqlite-rows.mjs'

const { values: options } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    data: { type: 'string' },
    alone: { type: 'boolean', default: false },
    questions: { type: 'string', default: '200' },
  },
})
const QUESTIONS = Number(options.questions)
const RIVAL_QUESTIONS = 5
const RIVAL_SERIES = 1
const WARM_UP_QUESTIONS = 20
const MAX_POINTS = 1000
const DAYS = 386
const STEP_MS = options.long ? 1000 : 30_000
const ROWS_AT_ONCE = 100_000
const SPANS = [
  ['1 minute', 60e3],
  ['1 hour', 3.6e6],
  ['1 day', 86.4e6],
  ['30 days', 30 * 86.4e6],
  ['1 year', 365 * 86.4e6],
]
const say = (text) => process.stderr.write(`${text}\n`)
const dataDir = options.data ?? mkdtempSync(join(tmpdir(), 'plotline-bench-'))
const history = await longHistory({
  dataDir,
  days: DAYS,
  stepMs: STEP_MS,
  say,
})
spawnSync('sync')
const jobFile = join(dataDir, 'jobs', history.job, 'metrics.db')
const files = ['', '-wal', '-shm'].flatMap((end) => [join(dataDir, `hot.db${end}`), jobFile + end])
const cold = coldFiles(jobFile)
const random = seeded(1)

const rival = options.alone ? undefined : rowsOfOneSeries()

for (const [, spanMs] of SPANS) timesOf(spanMs, WARM_UP_QUESTIONS) // no question pays for compiling the code
const rows = SPANS.map(([span, spanMs]) => ({
  span,
  ...timesOf(spanMs, QUESTIONS),
  ...(rival && { 'SQLite rows, cold p50, ms': rivalTime(spanMs) }),
}))
if (!options.data) rmSync(dataDir, { recursive: true })
report({
  title: `query-span: ${MAX_POINTS} points of one of ${history.names.length} series, ${history.points.toLocaleString('en')} points stored`,
  target: 'p99 <= 25 ms cold for any span; a span 100 times longer costs less than twice',
  rows,
})
console.log(`
Cold: a connection of its own, and ${cold?.how ?? 'THE PAGE CACHE AS IT IS: nothing here can drop it'}. ${QUESTIONS} questions a span.`)

/** Each question twice: over a new connection with nothing in memory, and again over the same one. */
function timesOf(spanMs, questions) {
  const taken = { cold: [], coldCpu: [], warm: [], points: [], readKiB: [] }
  for (let i = 0; i < questions; i++) {
    const from = fromOf(spanMs)
    const name = history.names[between(random, 0, history.names.length - 1)]
    const query = {
      jobId: history.job,
      names: [name],
      from,
      to: from + spanMs,
      maxPoints: MAX_POINTS,
    }
    cold?.drop(files)
    const reader = new StoreReader({ dataDir })
    const cpu = process.cpuUsage()
    taken.cold.push(timeOf(() => taken.points.push(reader.readOne(query, name, [])?.t.length ?? 0)))
    const { user, system } = process.cpuUsage(cpu)
    taken.coldCpu.push((user + system) / 1000)
    taken.readKiB.push((cachedBytes(jobFile) ?? Number.NaN) / 1024)
    taken.warm.push(timeOf(() => reader.readOne(query, name, [])))
    reader.close()
  }
  return {
    'points, least': Math.min(...taken.points),
    'points, most': Math.max(...taken.points),
    ...(cold && {
      'cold p50, ms': ms(taken.cold, 0.5),
      'cold p99, ms': ms(taken.cold, 0.99),
      'of it CPU p50, ms': ms(taken.coldCpu, 0.5),
      'of it CPU p99, ms': ms(taken.coldCpu, 0.99),
    }),
    'warm p50, ms': ms(taken.warm, 0.5),
    'warm p99, ms': ms(taken.warm, 0.99),
    'read cold p50, KiB': quantile(taken.readKiB, 0.5).toFixed(0),
  }
}

function timeOf(work) {
  const start = performance.now()
  work()
  return performance.now() - start
}

function ms(values, q) {
  return quantile(values, q).toFixed(1)
}

/** In a file of its own, kept with the history. */
function rowsOfOneSeries() {
  const path = join(dataDir, 'rows.db')
  if (!existsSync(path)) {
    rmSync(`${path}.new`, { force: true })
    fillRows(`${path}.new`)
    renameSync(`${path}.new`, path)
  }
  return path
}

function fillRows(path) {
  const db = openSqliteRows(path)
  const series = db.seriesId(history.job, 'score')
  for (let from = history.from; from < history.to; from += ROWS_AT_ONCE * STEP_MS) {
    const length = Math.min(ROWS_AT_ONCE, Math.ceil((history.to - from) / STEP_MS))
    const t = Float64Array.from({ length }, (_, i) => from + i * STEP_MS)
    db.append(
      new Uint32Array(length).fill(series),
      t,
      t.map(() => between(random, 1, 100)),
    )
  }
  db.checkpoint()
  db.close()
}

function rivalTime(spanMs) {
  const taken = []
  for (let i = 0; i < RIVAL_QUESTIONS; i++) {
    const from = fromOf(spanMs)
    cold?.drop([rival])
    const db = openSqliteRows(rival)
    taken.push(timeOf(() => db.draw(RIVAL_SERIES, from, from + spanMs, spanMs / MAX_POINTS)))
    db.close()
  }
  return ms(taken, 0.5)
}

function fromOf(spanMs) {
  return history.from + Math.floor(random() * (history.to - history.from - spanMs))
}
