// Runs a store whose disk is recorded (disk.c), and prints what was acknowledged: ticks, deletions, jobs taken in. Now and then syncs
// fail for a while; what was not acknowledged is tried again then, as the server does.
import { closeSync, openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { batchOfSingles } from '../../packages/server/src/stores/embedded/single-points.fixture.mjs'

const [, , compiled, dataDir, ticks, seed] = process.argv
const { openEmbeddedStore } = await import(compiled)
const FIRST_SEQ = 1_700_000_000_001
const MAIN = 'jaaaaaaaaaaaa'
const LOSSES_OF_MAIN = 30
const SYNCS = 2

const say = (line) => writeSync(1, `${line}\n`)
let state = Number(seed)
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}
const faults = openSync(process.env.DISK_FAULTS, 'r+')
const syncsFail = (value) => writeSync(faults, Uint32Array.of(value), 0, 4, 4 * SYNCS)

// Files are closed and opened again: their WALs come and go.
const store = await openEmbeddedStore({ dataDir, ballastBytes: 0, maxOpenJobs: 2 })
const jobs = [MAIN]
let jobCount = 0
for (let tick = 0; tick < Number(ticks); tick++) {
  const seq = FIRST_SEQ + tick
  if (tick % 25 === 5) jobs.push(newId())
  if (random() < 0.06) {
    syncsFail(1)
    setTimeout(() => syncsFail(0), random() * 30)
  }
  await persistently(() => store.append(batch(seq)))
  say(`tick ${seq} ${jobs.join(' ')}`)
  if (random() < 0.1) store.seal().catch(() => undefined)
  if (tick % 40 === 39 && jobs.length > 2) await remove(jobs.splice(1, 1)[0])
  if (tick % 150 === 149) await takeIn(newId())
}
await store.close()
closeSync(faults)

async function persistently(work) {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (error.code !== 'STORAGE_FAILED') throw error
      await delay(1)
    }
  }
}

async function remove(job) {
  say(`deleting ${job}`)
  await persistently(() => store.deleteJob(job))
  say(`deleted ${job}`)
}

/** A copy of the main job, as of an import. */
async function takeIn(job) {
  const copy = `${dataDir}.copy`
  await persistently(() => store.copyJob(MAIN, copy))
  say(`adopting ${job}`)
  await persistently(() => store.adoptJob(job, copy))
  say(`adopted ${job} ${MAIN}`)
}

function newId() {
  return `j${String(jobCount++).padStart(12, '0')}`
}

/** Of each job one increment, and values that say which tick they are of. */
function batch(at) {
  const series = jobs.flatMap((jobId) => [
    { jobId, name: 'steps', type: 'counter' },
    { jobId, name: 'loss', type: 'gauge' },
  ])
  const seriesOf = jobs.flatMap((jobId, i) => [
    2 * i,
    ...Array.from({ length: jobId === MAIN ? LOSSES_OF_MAIN : 1 }, () => 2 * i + 1),
  ])
  const values = Float64Array.from(seriesOf, (one) => (one % 2 === 0 ? 1 : at))
  return batchOfSingles(at, series, seriesOf, values)
}
