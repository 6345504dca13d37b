// Claim: the server is ready within 1 s of its start and holds at most 120 MB when idle.
// Rival in the same run: a bare Node process that only opens an HTTP port.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memoryOf } from './lib/process-memory.mjs'
import { median, report } from './lib/report.mjs'

const ROUNDS = 7
const SETTLE_MS = 3000
const BIN = fileURLToPath(new URL('../packages/cli/bin/plotline.mjs', import.meta.url))
const BARE =
  "require('node:http').createServer().listen(0, '127.0.0.1', () => console.log('ready'))"

const folder = mkdtempSync(join(tmpdir(), 'plotline-bench-start-'))
const serve = (name) => [
  BIN,
  'serve',
  '--data',
  join(folder, name),
  '--port',
  '0',
  '--statsd-port',
  '0',
]

const fresh = []
const again = []
const bare = []
for (let round = 0; round < ROUNDS; round++) {
  fresh.push(await startOnce(serve(`fresh-${round}`)))
  again.push(await startOnce(serve('fresh-0')))
  bare.push(await startOnce(['-e', BARE]))
}
rmSync(folder, { recursive: true })

report({
  title: 'start',
  target: 'ready within 1000 ms, at most 120 MB when idle',
  rows: [
    row('plotline serve, new data folder', fresh),
    row('plotline serve, folder in use before', again),
    row('bare Node HTTP server', bare),
  ],
})

function row(what, runs) {
  return {
    what,
    'ready ms (median)': Math.round(median(runs.map(({ readyMs }) => readyMs))),
    'ready ms (worst)': Math.round(Math.max(...runs.map(({ readyMs }) => readyMs))),
    'idle memory MB (median)': Math.round(median(runs.map(({ rssMb }) => rssMb))),
  }
}

/** From spawn to the line that tells it is ready, and what it holds a while later. */
async function startOnce(args) {
  const start = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((done) => child.stdout.once('data', done))
  const readyMs = performance.now() - start
  await new Promise((done) => setTimeout(done, SETTLE_MS))
  const rssMb = memoryOf(child.pid).now
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
  return { readyMs, rssMb }
}
