// Claim: receiving a sample costs at most 1.25 times a bare Node `dgram` loop that throws the datagram away (one sample a
// datagram), at most 1.5 times with 30 samples a datagram, and nothing is lost.
//
// The limits below it are that loop and, where there is a gcc, a sink in C that takes 64 datagrams a call. Rivals: npm `statsd`, and
// netdata and collectd where they are installed.
//
//   node bench/ingest-udp.mjs [--seconds 4] [--rate 40000] [--rounds 3] [--cases 1x10,30x1000] [--dist packages/server/dist] [--no-npm]
//
// A case is samples a datagram x names. More than 100 names are those of several jobs, each with 100 that it declares; a datagram
// holds samples of one job, as its client would send them. With 100,000 names a tenth of the rate is sent: 1000 jobs at once.
// CPU is that of the datagrams that arrived.
import { execFileSync, fork, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { median, report } from './lib/report.mjs'

const ALL_CASES = '1x10,10x10,30x10,1x1000,10x1000,30x1000,1x100000,10x100000,30x100000'
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rate: { type: 'string', default: '40000' },
    rounds: { type: 'string', default: '3' },
    dist: { type: 'string', default: join(import.meta.dirname, '../packages/server/dist') },
    'no-npm': { type: 'boolean', default: false },
    role: { type: 'string' },
    port: { type: 'string' },
    lines: { type: 'string' },
    names: { type: 'string' },
    cases: { type: 'string', default: ALL_CASES },
  },
})
const NAMES_A_JOB = 100
const MIN_DATAGRAMS = 100
const MANY_NAMES = 100_000
const BARE = 'bare dgram loop'
const WARM_UP_SECONDS = 1.5
const TICKS_A_SECOND = 100 // of /proc/PID/stat

const ROLES = { bare: runBare, plotline: runPlotline, sender: runSender }
if (options.role) await ROLES[options.role]()
else await compare()

async function compare() {
  const folder = mkdtempSync(join(tmpdir(), 'plotline-bench-'))
  try {
    const receivers = [
      { name: BARE, start: () => startRole('bare') },
      { name: 'Plotline', start: (names) => startRole('plotline', names) },
      ...recvmmsgSink(folder),
      ...etsyStatsd(folder),
      ...netdata(folder),
      ...collectd(folder),
    ]
    const rows = []
    for (const one of options.cases.split(',')) {
      const [lines, names] = one.split('x').map(Number)
      rows.push(...(await measureAll(receivers, lines, names)))
    }
    report({
      title: 'ingest-udp: CPU of receiving samples',
      target: '<= 1.25 x bare at 1 a datagram, <= 1.5 x bare at 30; no loss',
      rows,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Rounds take turns, so that what else the machine does falls on all alike. */
async function measureAll(receivers, lines, names) {
  const runs = new Map(receivers.map(({ name }) => [name, []]))
  for (let round = 0; round < Number(options.rounds); round++)
    for (const receiver of receivers) {
      const run = await measure(receiver, lines, names)
      if (run) runs.get(receiver.name).push(run)
      else console.log(`NOT MEASURED: ${receiver.name} did not open its port.`)
    }
  const cpuOf = (name) => median(runs.get(name).map((run) => run.cpuMicros))
  const measured = receivers.filter(({ name }) => runs.get(name).length > 0)
  return measured.map(({ name }) => {
    const lost = runs.get(name).reduce((sum, run) => sum + run.lost, 0)
    const sent = runs.get(name).reduce((sum, run) => sum + run.datagrams, 0)
    return {
      'samples a datagram': lines,
      names,
      receiver: name,
      'CPU s per million samples': (cpuOf(name) / lines).toFixed(2),
      'us a datagram': cpuOf(name).toFixed(2),
      'x bare': (cpuOf(name) / cpuOf(BARE)).toFixed(2),
      'datagrams lost': `${lost} of ${sent}`,
    }
  })
}

/** Undefined where the receiver does not listen. */
async function measure({ start }, lines, names) {
  const receiver = await start(names)
  try {
    if (udpLine(receiver.port) === undefined) return undefined
    return await measureStarted(receiver, lines, names)
  } finally {
    await receiver.stop()
  }
}

async function measureStarted({ pid, port }, lines, names) {
  const role = ['--role', 'sender', '--port', port, '--lines', lines, '--names', names].map(String)
  const sender = fork(import.meta.filename, [...process.argv.slice(2), ...role])
  await message(sender, 'warm')
  const before = { cpu: cpuSeconds(pid), drops: drops(port) }
  sender.send('go')
  const { datagrams } = await message(sender, 'sent')
  await new Promise((done) => setTimeout(done, 500))
  const cpu = cpuSeconds(pid) - before.cpu
  const lost = drops(port) - before.drops
  sender.kill()
  return { cpuMicros: (cpu * 1e6) / (datagrams - lost), lost, datagrams }
}

async function startRole(role, names = 0) {
  const args = ['--role', role, '--names', String(names)]
  const child = fork(import.meta.filename, [...process.argv.slice(2), ...args])
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
  return Number(udpLine(port)?.trim().split(/\s+/)[12] ?? 0)
}

function udpLine(port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const lines = readFileSync('/proc/self/net/udp', 'utf8').split('\n')
  return lines.find((one) => one.includes(`:${hex} 00000000:0000`))
}

function isOnPath(name) {
  const isThere = (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => existsSync(join(folder, name)))
  if (!isThere) console.log(`NOT MEASURED: ${name} is not on this machine's PATH.`)
  return isThere
}

function recvmmsgSink(folder) {
  if (!isOnPath('gcc')) return []
  const program = join(folder, 'sink')
  execFileSync('gcc', ['-O2', '-o', program, join(import.meta.dirname, 'lib/recvmmsg-sink.c')])
  return [
    {
      name: 'recvmmsg sink (C)',
      async start() {
        const child = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] })
        const [port] = await once(child.stdout, 'data')
        return { pid: child.pid, port: Number(port), stop: () => stop(child) }
      },
    },
  ]
}

function netdata(folder) {
  if (!isOnPath('netdata')) return []
  const port = 38_127
  const config = join(folder, 'netdata.conf')
  const text = `[directories]
cache = ${folder}
lib = ${folder}
log = ${folder}
[db]
mode = ram
[web]
mode = none
[plugins]
enable running new plugins = no
proc = no
cgroups = no
tc = no
timex = no
[statsd]
enabled = yes
bind to = udp:127.0.0.1:${port}
`
  writeFileSync(config, text)
  return [spawned('netdata', 'netdata', ['-D', '-c', config], port)]
}

function collectd(folder) {
  if (!isOnPath('collectd')) return []
  const port = 38_128
  const config = join(folder, 'collectd.conf')
  const text = `Hostname "bench"
FQDNLookup false
Interval 1
BaseDir "${folder}"
PIDFile "${join(folder, 'collectd.pid')}"
LoadPlugin statsd
<Plugin statsd>
Host "127.0.0.1"
Port "${port}"
</Plugin>
`
  writeFileSync(config, text)
  return [spawned('collectd', 'collectd', ['-f', '-C', config], port)]
}

/** A program that listens soon after its start. */
function spawned(name, command, args, port) {
  return {
    name,
    async start() {
      const child = spawn(command, args, { stdio: 'ignore' })
      await new Promise((done) => setTimeout(done, 1500))
      return { pid: child.pid, port, stop: () => stop(child) }
    },
  }
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
  const script = join(folder, 'node_modules/statsd/stats.js')
  return [spawned(`statsd ${version} (npm)`, process.execPath, [script, config], port)]
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
  const jobs = jobsOf(Number(options.names))
  for (const { jobId, names } of jobs)
    await ingest.open({
      jobId,
      declared: names,
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
  const datagrams = makeDatagrams(Number(options.lines), Number(options.names))
  await send(socket, datagrams, WARM_UP_SECONDS)
  process.send({ type: 'warm' })
  await once(process, 'message')
  const sent = await send(socket, datagrams, Number(options.seconds))
  process.send({ type: 'sent', datagrams: sent })
}

function jobsOf(count) {
  return Array.from({ length: Math.ceil(count / NAMES_A_JOB) }, (_job, job) => ({
    jobId: `j${String(job).padStart(12, '0')}`,
    names: Array.from({ length: Math.min(count, NAMES_A_JOB) }, (_name, i) => `testMetric${i + 1}`),
  }))
}

/** So many that each name is sent; the jobs take turns. */
function makeDatagrams(lines, names) {
  const jobs = jobsOf(names)
  const count = Math.ceil(Math.max(MIN_DATAGRAMS, names / lines) / jobs.length) * jobs.length
  return Array.from({ length: count }, (_datagram, n) => {
    const job = jobs[n % jobs.length]
    const turn = Math.floor(n / jobs.length)
    const line = (_line, i) => lineOf(job, (turn * lines + i) % job.names.length, n * 7 + i)
    return Buffer.from(Array.from({ length: lines }, line).join('\n'))
  })
}

function lineOf({ jobId, names }, i, n) {
  const sample = i % 2 === 0 ? `${names[i]}:1|c` : `${names[i]}:${(n % 1000) / 10}|g`
  return `${sample}|#container_name:${jobId}`
}

async function send(socket, datagrams, seconds) {
  const rate = Number(options.rate) / (Number(options.names) >= MANY_NAMES ? 10 : 1)
  const start = performance.now()
  let sent = 0
  for (;;) {
    const elapsed = performance.now() - start
    if (elapsed >= seconds * 1000) return sent
    const due = (elapsed / 1000) * rate
    while (sent < due) socket.send(datagrams[sent++ % datagrams.length])
    await new Promise((done) => setTimeout(done, 1))
  }
}
