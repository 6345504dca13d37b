// A data folder as a year of use leaves it: one job that ran all the time, and shorter ones beside it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StoreWriter } from '../../packages/server/dist/stores/embedded/store-writer.js'
import { between, seeded } from './random.mjs'
import { batchOf, jobId, T0 } from './store-batches.mjs'

const SEED = 7
const DAY_MS = 86_400_000
/** A client that sends each second is a few ms late, now more, now less. */
const MAX_LATE_MS = 4
/** Points of the densest series between two seals: chunks of all series lie in the file as they fill up in life. */
const SLICE_POINTS = 1024
const RARE_STEP_MS = 600_000
const RARE_SERIES = 5
const SHORT_JOBS = 10
const SHORT_SERIES = 10
const SHORT_STEP_MS = 10_000
const DESCRIPTION = 'history.json'

/** The series that questions are asked of: those of the long job that get a point each `stepMs`. */
const FREQUENT = [
  { name: 'steps', type: 'counter', values: () => () => 1 },
  { name: 'score', type: 'gauge', values: (random) => () => between(random, 1, 100) },
  { name: 'load', type: 'gauge', values: oneDecimal },
]

/**
 * Builds the folder, or takes the one that is there if it is such a history.
 * @param {{ dataDir: string, days: number, stepMs: number, say: (text: string) => void }} options
 */
export async function longHistory({ dataDir, days, stepMs, say }) {
  const path = join(dataDir, DESCRIPTION)
  const wanted = { seed: SEED, days, stepMs }
  const isThere = existsSync(path)
  if (!isThere) await build(dataDir, wanted, say)
  const { points, ...found } = JSON.parse(readFileSync(path, 'utf8'))
  if (found.days !== days || found.stepMs !== stepMs)
    throw new Error(`${dataDir} holds another history: ${JSON.stringify(found)}`)
  return {
    points,
    from: T0,
    to: T0 + days * DAY_MS,
    job: jobId(1),
    names: FREQUENT.map(({ name }) => name),
  }
}

async function build(dataDir, wanted, say) {
  mkdirSync(dataDir, { recursive: true })
  const strangers = readdirSync(dataDir).filter((name) => !/^(hot\..*|jobs|ballast)$/.test(name))
  if (strangers.length > 0) throw new Error(`${dataDir} is in use: ${strangers.join(', ')}`)
  for (const half of readdirSync(dataDir)) rmSync(join(dataDir, half), { recursive: true })
  const writer = new StoreWriter({ dataDir })
  const random = seeded(wanted.seed)
  const longPoints = await longJob(writer, random, wanted, say)
  const shortPoints = await shortJobs(writer, random)
  await writer.close()
  const points = longPoints + shortPoints
  writeFileSync(join(dataDir, DESCRIPTION), JSON.stringify({ ...wanted, points }))
}

async function longJob(writer, random, { days, stepMs }, say) {
  const rare = Array.from({ length: RARE_SERIES }, (_, i) => ({
    name: `rare_${i}`,
    type: 'gauge',
    values: oneDecimal,
  }))
  const series = [
    ...FREQUENT.map((kind) => generatorOf(kind, stepMs, random)),
    ...rare.map((kind) => generatorOf(kind, RARE_STEP_MS, random)),
  ]
  const end = T0 + days * DAY_MS
  const sliceMs = SLICE_POINTS * stepMs
  let points = 0
  let told = 0
  for (let to = T0 + sliceMs; to < end + sliceMs; to += sliceMs) {
    const parts = series.map((generate) => generate(Math.min(to, end)))
    points += parts.reduce((sum, { t }) => sum + t.length, 0)
    writer.append(batchOf(to, parts))
    await writer.seal()
    if (points - told >= 5_000_000) say(`${((told = points) / 1e6).toFixed(0)} million points`)
  }
  return points
}

/** Each of a day, one after the other in the year's last days. */
async function shortJobs(writer, random) {
  let points = 0
  for (let job = 2; job < 2 + SHORT_JOBS; job++) {
    const parts = Array.from({ length: SHORT_SERIES }, (_, i) =>
      generatorOf(
        { name: `metric_${i}`, type: 'gauge', values: oneDecimal },
        SHORT_STEP_MS,
        random,
        jobId(job),
      )(T0 + DAY_MS),
    )
    points += parts.reduce((sum, { t }) => sum + t.length, 0)
    writer.append(batchOf(writer.lastSeq() + 1, parts))
    await writer.seal()
  }
  return points
}

/** Gives a series' next points, those before `to`. */
function generatorOf({ name, type, values }, stepMs, random, job = jobId(1)) {
  const next = values(random)
  let at = T0
  return (to) => {
    const t = []
    const drawn = []
    for (; at < to; at += stepMs) {
      t.push(at + between(random, 0, MAX_LATE_MS))
      drawn.push(next())
    }
    return { key: { jobId: job, name, type }, t, values: drawn }
  }
}

/** A value that wanders, such as the load of a processor in percent. */
function oneDecimal(random) {
  let tenths = 400
  return () => (tenths = Math.max(0, Math.min(1000, tenths + between(random, -20, 20)))) / 10
}
