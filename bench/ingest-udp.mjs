// Claim: receiving a sample costs at most 1.25 times a bare Node `dgram` loop that throws the datagram away (one sample a
// datagram), at most 1.5 times with 30 samples a datagram, and nothing is lost at 100,000 datagrams a second.
//
//   node bench/ingest-udp.mjs [--seconds 6] [--rate 40000] [--rounds 3] [--dist packages/server/dist] [--no-npm]
import { execFileSync, fork, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { median, report } from './lib/report.mjs'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    rate: { type: 'string', default: '40000' },
    rounds: { type: 'string', default: '3' },
    dist: { type: 'string', default: join(import.meta.dirname, '../packages/server/dist') },
    'no-npm': { type: 'boolean', default: false },
    role: { type: 'string' },
    port: { type: 'string' },
    lines: { type: 'string' },
  },
})
const JOB_ID = 'jabcdefghijkl'
const LINES = [1, 10, 30]
const WARM_UP_SECONDS = 1.5
const TICKS_A_SECOND = 100 // of /proc/PID/stat

const ROLES = { bare: runBare, plotline: runPlotline, sender: runSender }
if (options.role) await ROLES[options.role]()
else await compare()

async function compare() {
  const folder = mkdtempSync(join(tmpdir(), 'plotline-bench-'))
  try {
    const rivals = [
      { name: 'bare dgram loop', start: () => startRole('bare') },
      { name: 'Plotline', start: () => startRole('plotline') },
      ...etsyStatsd(folder),
    ]
    for (const name of ['netdata', 'collectd', 'brubeck'])
      if (!isOnPath(name)) console.log(`NOT MEASURED: ${name} is not on this machine's PATH.`)
    const rows = []
    for (const lines of LINES) rows.push(...(await measureAll(rivals, lines)))
    report({
      title: 'CPU of receiving samples by UDP',
      target: '<= 1.25 x bare at 1 a datagram, <= 1.5 x bare at 30; no loss',
      rows,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Rounds take turns, so that what else the machine does falls on all alike. */
async function measureAll(rivals, lines) {
  const runs = new Map(rivals.map(({ name }) => [name, []]))
  for (let round = 0; round < Number(options.rounds); round++)
    for (const rival of rivals) runs.get(rival.name).push(await measure(rival, lines))
  const cpuOf = (name) => median(runs.get(name).map((run) => run.cpuMicros))
  const bare = cpuOf('bare dgram loop')
  return rivals.map(({ name }) => {
    const lost = runs.get(name).reduce((sum, run) => sum + run.lost, 0)
    const sent = runs.get(name).reduce((sum, run) => sum + run.datagrams, 0)
    return {
      'samples a datagram': lines,
      receiver: name,
      'CPU s per million samples': (cpuOf(name) / lines).toFixed(2),
      'us a datagram': cpuOf(name).toFixed(2),
      'x bare': (cpuOf(name) / bare).toFixed(2),
      'datagrams lost': `${lost} of ${sent}`,
    }
  })
}

async function measure(rival, lines) {
  const receiver = await rival.start()
  const role = ['--role', 'sender', '--port', String(receiver.port), '--lines', String(lines)]
  const sender = fork(import.meta.filename, [...process.argv.slice(2), ...role])
  await message(sender, 'warm')
  const before = { cpu: cpuSeconds(receiver.pid), drops: drops(receiver.port) }
  sender.send('go')
  const { datagrams } = await message(sender, 'sent')
  await new Promise((done) => setTimeout(done, 500))
  const cpu = cpuSeconds(receiver.pid) - before.cpu
  const lost = drops(receiver.port) - before.drops
  sender.kill()
  await receiver.stop()
  return { cpuMicros: (cpu * 1e6) / datagrams, lost, datagrams }
}

async function startRole(role) {
  const child = fork(import.meta.filename, [...process.argv.slice(2), '--role', role])
  const { port } = await message(child, 'listening')
  return { pid: child.pid, port, stop: () => stop(child) }
}

async function stop(child) {
  child.kill()
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

async function message(child, type) {
  for (;;) {
    const [said] = await once(child, 'message')
    if (said.type === type) return said
  }
}

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

function drops(port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const lines = readFileSync('/proc/self/net/udp', 'utf8').split('\n')
  const line = lines.find((one) => one.includes(`:${hex} 00000000:0000`))
  return Number(line?.trim().split(/\s+/)[12] ?? 0)
}

function isOnPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

/** The StatsD server that all others are measured by, from npm into a folder of its own. */
function etsyStatsd(folder) {
  if (options['no-npm']) return []
  try {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, 'statsd'], {
      stdio: 'ignore',
      timeout: 120_000,
    })
  } catch {
    console.log('NOT MEASURED: npm statsd could not be installed.')
    return []
  }
  const manifest = join(folder, 'node_modules/statsd/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
  const port = 38_125
  const config = join(folder, 'config.js')
  writeFileSync(config, `{ port: ${port}, mgmt_port: 38126, flushInterval: 1000, backends: [] }`)
  return [
    {
      name: `statsd ${version} (npm)`,
      async start() {
        const script = join(folder, 'node_modules/statsd/stats.js')
        const child = spawn(process.execPath, [script, config], { stdio: 'ignore' })
        await new Promise((done) => setTimeout(done, 1000))
        return { pid: child.pid, port, stop: () => stop(child) }
      },
    },
  ]
}

function runBare() {
  const socket = createSocket('udp4')
  socket.on('message', () => {})
  socket.bind({ address: '127.0.0.1', port: 0 }, () => {
    socket.setRecvBufferSize(8 * 2 ** 20)
    process.send({ type: 'listening', port: socket.address().port })
  })
}

/** Ingest as the server runs it, before a store that takes everything. */
async function runPlotline() {
  const { openIngest } = await import(resolve(options.dist, 'ingest/open-ingest.js'))
  const { port1, port2 } = new MessageChannel()
  port1.on('message', ({ call }) => port1.postMessage({ answer: call }))
  const ingest = await openIngest({ host: '127.0.0.1', port: 0, store: port2, floorMs: 0 })
  await ingest.open({
    jobId: JOB_ID,
    declared: ['testMetric1', 'testMetric2'],
    createdAt: Date.now(),
    stored: { series: [], account: undefined },
  })
  ingest.onChange(() => {})
  process.send({ type: 'listening', port: ingest.statsd.port })
}

/** Sends at an even rate, so that every receiver does the same work. */
async function runSender() {
  const socket = createSocket('udp4')
  socket.connect(Number(options.port), '127.0.0.1')
  await once(socket, 'connect')
  const datagrams = Array.from({ length: 100 }, (_, n) => Buffer.from(linesOf(n).join('\n')))
  await send(socket, datagrams, WARM_UP_SECONDS)
  process.send({ type: 'warm' })
  await once(process, 'message')
  const sent = await send(socket, datagrams, Number(options.seconds))
  process.send({ type: 'sent', datagrams: sent })
}

function linesOf(n) {
  return Array.from({ length: Number(options.lines) }, (_, i) =>
    i % 2 === 0
      ? `testMetric1:1|c|#container_name:${JOB_ID}`
      : `testMetric2:${((n * 7 + i) % 1000) / 10}|g|#container_name:${JOB_ID}`,
  )
}

async function send(socket, datagrams, seconds) {
  const start = performance.now()
  let sent = 0
  for (;;) {
    const elapsed = performance.now() - start
    if (elapsed >= seconds * 1000) return sent
    const due = (elapsed / 1000) * Number(options.rate)
    while (sent < due) socket.send(datagrams[sent++ % datagrams.length])
    await new Promise((done) => setTimeout(done, 1))
  }
}
