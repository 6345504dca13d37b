// Millions of mutated datagrams through the reader and ingest's own way of taking them apart: nothing throws, nothing stalls,
// memory stays where it is.
//
//   node scripts/fuzz.mjs [--datagrams 10000000] [--seed 1]
import { parseArgs } from 'node:util'
import { readFileSync } from 'node:fs'
import { JobAggregate } from '../packages/server/dist/metrics/aggregate-job.js'
import { BatchBuilder } from '../packages/server/dist/metrics/aggregate-batch.js'
import { Account } from '../packages/server/dist/ingest/account.js'
import { Intake } from '../packages/server/dist/ingest/intake.js'

const { values: options } = parseArgs({
  options: {
    datagrams: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
  },
})
const DATAGRAMS = Number(options.datagrams)
const SEED = Number(options.seed)
const STALL_MS = 20
const ATTEMPTS = 3
const CHUNK = 500
const JOBS = ['jaaaaaaaaaaaa', 'jbbbbbbbbbbbb', 'jcccccccccccc']
const MAX_MUTATIONS = 8
const INTERESTING = Buffer.from(':|#@T,.-+eE0123456789cg\n\r\0_ \xff', 'latin1')

const random = randomFrom(SEED)
const seeds = seedDatagrams()
const intake = new Intake()
const jobs = JOBS.map((jobId) => ({
  jobId,
  aggregate: new JobAggregate({
    jobId,
    declared: ['loss', 'steps', 'testMetric1'],
    createdAt: 0,
    stored: { series: [], account: undefined },
  }),
  account: new Account(),
  datagram: -1,
}))
for (const job of jobs) intake.add(job)
fuzz()

function fuzz() {
  let now = Date.now()
  let longestMs = 0
  let stalls = 0
  let bytes = 0
  let samples = 0
  const begun = performance.now()
  const memoryBefore = settledHeap()
  for (let done = 0; done < DATAGRAMS; done += CHUNK) {
    const datagrams = Array.from({ length: Math.min(CHUNK, DATAGRAMS - done) }, mutate)
    now += 5
    for (const datagram of datagrams) {
      const owner = random() < 0.3 ? jobs[below(3)] : undefined
      const take = () => takeMs(datagram, below(1000), owner, now)
      // A machine that does something else for a moment is no stall of ours: only what is slow each time counts.
      const tookMs = Math.min(...repeatWhileSlow(take))
      longestMs = Math.max(longestMs, tookMs)
      if (tookMs > STALL_MS) {
        stalls++
        console.error(`STALL of ${tookMs.toFixed(1)} ms, seed ${SEED}, datagram ${done}`)
      }
      bytes += datagram.length
      intake.touched.length = 0
    }
    samples += tick(now)
    if (done % 1_000_000 === 0 && done > 0) console.log(`${done / 1e6} million ...`)
  }
  const seconds = (performance.now() - begun) / 1000
  const grownMb = (settledHeap() - memoryBefore) / 2 ** 20
  console.log(
    `${DATAGRAMS} datagrams (${(bytes / 2 ** 20).toFixed(0)} MiB, seed ${SEED}) in ${seconds.toFixed(0)} s: ` +
      `${samples} samples stored, longest ${longestMs.toFixed(1)} ms, ${stalls} stalls over ${STALL_MS} ms, heap ${grownMb.toFixed(1)} MiB more`,
  )
  if (stalls > 0) process.exitCode = 1
}

function takeMs(datagram, sender, owner, now) {
  const start = performance.now()
  intake.take(datagram, sender, owner, now)
  return performance.now() - start
}

function repeatWhileSlow(take) {
  const times = [take()]
  while (times.length < ATTEMPTS && times.at(-1) > STALL_MS) times.push(take())
  return times
}

/** What ingest does each second; every number that leaves it must be one. */
function tick(now) {
  const batch = new BatchBuilder()
  for (const { aggregate } of jobs) {
    aggregate.take(batch, Math.floor(now / 1000))
    for (const change of aggregate.takeChanges().series) mustBeFinite(change.last, change.name)
  }
  const { buckets } = batch.finish(now, [])
  for (const column of ['t', 'last', 'min', 'max', 'sum', 'count'])
    mustBeFinite(buckets[column], column)
  return buckets.count.reduce((sum, count) => sum + count, 0)
}

function mustBeFinite(numbers, what) {
  if (!numbers.every(Number.isFinite)) throw new Error(`${what}: a number that is none`)
}

function mutate() {
  const seed = seeds[below(seeds.length)]
  const extra = random() < 0.2 ? seeds[below(seeds.length)] : Buffer.alloc(0)
  const datagram = Buffer.concat([seed, extra])
  for (let left = below(MAX_MUTATIONS); left > 0 && datagram.length > 0; left--) {
    const at = below(datagram.length)
    const kind = below(4)
    if (kind === 0) datagram[at] = below(256)
    else if (kind === 1) datagram[at] = INTERESTING[below(INTERESTING.length)]
    else if (kind === 2) datagram.copyWithin(at, below(datagram.length))
    else datagram[at] ^= 1 << below(8)
  }
  return random() < 0.1 ? datagram.subarray(0, below(datagram.length + 1)) : datagram
}

function seedDatagrams() {
  const path = new URL('../packages/wire/src/vectors/statsd.json', import.meta.url)
  const { vectors } = JSON.parse(readFileSync(path, 'utf8'))
  const fromVectors = vectors
    .map(({ datagram, datagram_base64: base64 }) =>
      base64 === undefined ? Buffer.from(datagram, 'latin1') : Buffer.from(base64, 'base64'),
    )
    .filter((bytes) => bytes.length < 2000)
  const lines = JOBS.flatMap((job) => [
    `steps:1|c|#container_name:${job}`,
    `loss:${Math.PI}|g|#x:y,container_name:${job},dd.internal.entity_id:${job}|c:ci-1|T1700000000`,
    `loss:1:2:3:-4e-5|g|@0.5|#container_name:${job}`,
    `datadog.dogstatsd.client.packets_dropped:3|c|#container_name:${job}`,
  ])
  const packed = Buffer.from(
    Array.from({ length: 33 }, (_, i) => lines[i % lines.length]).join('\n'),
  )
  return [...fromVectors, ...lines.map((line) => Buffer.from(line)), packed]
}

function settledHeap() {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

function below(limit) {
  return Math.floor(random() * limit)
}

/** mulberry32: the same numbers from the same seed on every machine. */
function randomFrom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
