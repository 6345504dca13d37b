// npm run test:clients: runs the clients that people have, as jobs of a real server, and checks that no sample is missing.
// The Python packages come from PyPI; where that cannot be reached their checks are skipped, and said to be.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureBuilt, ensureInstalled, ROOT, say } from './lib/prepare.mjs'

const PLOTLINE = join(ROOT, 'packages/cli/bin/plotline.mjs')
const CLIENT = pathToFileURL(join(ROOT, 'packages/client/dist/index.js')).href
const VENVS = join(tmpdir(), 'plotline-test-clients')
const PIP_LIMIT_MS = 180_000
const JOB_LIMIT_MS = 60_000
const SAMPLES = 200
/** The clients report on themselves every ten seconds, among the samples: a run has to last longer. */
const SAMPLE_PAUSE_S = 0.06
const IN_NAMESPACE = '--in-namespace'

const PIP_CLIENTS = [
  { name: 'gradient-statsd with datadog 0.36.0', packages: ['gradient-statsd', 'datadog==0.36.0'] },
  { name: 'gradient-statsd with the newest datadog', packages: ['gradient-statsd', 'datadog'] },
]

const PIP_PROGRAM = `
import os, sys, time
import gradient_statsd
assert "site-packages" in gradient_statsd.__file__, gradient_statsd.__file__
def main():
    given = dict(host=os.environ["STATSD_HOST"], port=int(os.environ["STATSD_PORT"]))
    client = gradient_statsd.Client(**(given if sys.argv[1] == "given" else {}))
    for i in range(${SAMPLES}):
        client.increment("total", 1)
        client.gauge("level", i)
        time.sleep(${SAMPLE_PAUSE_S})
    client.decrement("total", 2)
    client.increment("total", 0.5)
    client.gauge("signed", -5)
    client.gauge("tiny", 1e-07)
    client.gauge("huge", 1e21)
    client.gauge("bad", float("nan"))
main()
`

const NODE_PROGRAM = `
import { Client } from ${JSON.stringify(CLIENT)}
const client = new Client({ transport: process.argv[2] })
for (let i = 0; i < ${SAMPLES}; i++) {
  client.increment('total')
  client.gauge('level', i)
  await new Promise((resume) => setTimeout(resume, 5))
}
`

const tally = { passed: 0, failed: 0, skipped: 0 }

/** Everything in a network whose default gateway is this machine itself: where a container's clients find the server. */
const GATEWAY_SETUP = [
  'ip link set lo up',
  'ip link add plotline0 type veth peer name plotline1',
  'ip link set plotline0 up',
  'ip link set plotline1 up',
  'ip addr add 10.9.0.2/24 dev plotline0',
  'ip route add default via 10.9.0.1',
  'ip addr add 10.9.0.1/32 dev lo',
].join(' && ')

if (process.argv[2] === IN_NAMESPACE) {
  await checkThroughGateway(process.argv[3])
  process.send(tally)
  process.disconnect()
} else {
  ensureInstalled()
  ensureBuilt()
  const folder = mkdtempSync(join(tmpdir(), 'plotline-clients-'))
  try {
    const programs = writePrograms(folder)
    const pipClients = PIP_CLIENTS.map(prepare)
    await checkAtGivenAddress(join(folder, 'data'), programs, pipClients)
    await enterNamespace(folder, programs, pipClients)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`)
  process.exitCode = tally.failed > 0 ? 1 : 0
}

function writePrograms(folder) {
  const programs = { pip: join(folder, 'pip-client.py'), node: join(folder, 'node-client.mjs') }
  writeFileSync(programs.pip, PIP_PROGRAM)
  writeFileSync(programs.node, NODE_PROGRAM)
  return programs
}

/** A virtual environment with the packages, kept for the next run; `python` is missing where that was not possible. */
function prepare({ name, packages }) {
  const venv = join(VENVS, packages.join('-').replace(/[^\w.-]/g, '_'))
  const python = join(venv, 'bin/python')
  mkdirSync(VENVS, { recursive: true })
  for (const args of [
    ['python3', '-m', 'venv', venv],
    [python, '-m', 'pip', 'install', '--quiet', '--upgrade', ...packages],
  ]) {
    const { status, stderr, error } = spawnSync(args[0], args.slice(1), {
      encoding: 'utf8',
      timeout: PIP_LIMIT_MS,
    })
    if (status !== 0)
      return { name, why: (error?.message ?? stderr).trim().split('\n').at(-1) || 'pip failed' }
  }
  return { name, python }
}

async function checkAtGivenAddress(dataDir, programs, pipClients) {
  const server = await startServer(dataDir, ['--statsd-port', '0'])
  try {
    await Promise.all([
      ...pipClients.map((client) => checkPipClient(server, client, programs.pip, 'given')),
      checkNodeClient(server, 'udp', programs.node),
      checkNodeClient(server, 'http', programs.node),
      checkToy(server, 'examples/toy.py', 'python3'),
      checkToy(server, 'examples/toy.mjs', process.execPath),
      checkToy(server, 'examples/toy.sh', 'bash'),
    ])
  } finally {
    await server.stop()
  }
}

async function enterNamespace(folder, programs, pipClients) {
  const task = JSON.stringify({ dataDir: join(folder, 'gateway-data'), programs, pipClients })
  const probe = spawnSync('unshare', ['-rn', 'sh', '-c', GATEWAY_SETUP], { encoding: 'utf8' })
  if (probe.status !== 0) {
    const why = probe.error?.message ?? probe.stderr.trim()
    for (const { name } of [...pipClients, { name: 'the drop-in' }])
      skip(`${name} finds the server as its default gateway`, `no network namespace here: ${why}`)
    return
  }
  const command = `${GATEWAY_SETUP} && exec "$@"`
  const self = [process.execPath, fileURLToPath(import.meta.url), IN_NAMESPACE, task]
  const child = spawn('unshare', ['-rn', 'sh', '-c', command, 'sh', ...self], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let counted
  child.on('message', (message) => {
    counted = message
  })
  await new Promise((resolve) => child.on('exit', resolve))
  counted ??= { passed: 0, failed: 1, skipped: 0 }
  for (const key of Object.keys(tally)) tally[key] += counted[key]
}

async function checkThroughGateway(task) {
  const { dataDir, programs, pipClients } = JSON.parse(task)
  const server = await startServer(dataDir, ['--statsd-host', '0.0.0.0'])
  const bare = '-u STATSD_HOST -u STATSD_PORT -u DD_AGENT_HOST -u DD_DOGSTATSD_PORT'
  try {
    await Promise.all([
      ...pipClients.map((client) => checkPipClient(server, client, programs.pip, 'gateway')),
      checkToy(server, 'examples/toy.py', `env ${bare} python3`, 'the drop-in at its gateway: '),
    ])
  } finally {
    await server.stop()
  }
}

function checkPipClient(server, { name, python, why }, program, way) {
  const title = `${name}, server ${way === 'given' ? 'given' : 'found as its default gateway'}`
  if (!python) return skip(title, `could not be installed from PyPI: ${why}`)
  return check(title, async () => {
    const metrics = ['total', 'level', 'signed', 'tiny', 'huge', 'bad']
    const ran = await runJob(server, `env -u PYTHONPATH ${python} ${program} ${way}`, metrics)
    assertTotals(ran, SAMPLES - 2 + 0.5, SAMPLES + 2)
    assertLevels(ran)
    assert.equal(ran.metric('signed').last, -5)
    assert.equal(ran.metric('tiny').last, 1e-7)
    assert.equal(ran.metric('huge').last, 1e21)
    assert.equal(ran.metric('bad').samples, 0)
    assert.equal(ran.metrics.refused.value?.count, 1)
    assert.deepEqual(ran.metrics.undeclared, [])
  })
}

function checkNodeClient(server, transport, program) {
  return check(`@plotline/client by ${transport.toUpperCase()}`, async () => {
    const command = `${process.execPath} ${program} ${transport}`
    const env = { PLOTLINE_URL: server.url, PLOTLINE_API_KEY: server.apiKey }
    const ran = await runJob(server, command, ['total', 'level'], env)
    assertTotals(ran, SAMPLES, SAMPLES)
    assertLevels(ran)
  })
}

function checkToy(server, example, program, title = '') {
  return check(`${title}${example}`, async () => {
    const command = `${program} ${join(ROOT, example)} --interval 1 --duration 3`
    const ran = await runJob(server, command, ['testMetric1', 'testMetric2'])
    assert.equal(ran.metric('testMetric1').last, 3)
    assert.equal(ran.metric('testMetric1').type, 'counter')
    assert.equal(ran.metric('testMetric2').samples, 3)
    assert.equal(ran.metric('testMetric2').type, 'gauge')
  })
}

function assertTotals(ran, total, samples) {
  assert.equal(ran.metric('total').last, total)
  assert.equal(ran.metric('total').samples, samples)
}

/** No gauge is missing, and none was put where another one is. */
function assertLevels(ran) {
  const { samples, min, max, last } = ran.metric('level')
  assert.deepEqual(
    { samples, min, max, last },
    { samples: SAMPLES, min: 0, max: SAMPLES - 1, last: SAMPLES - 1 },
  )
  const [series] = ran.data.series.filter(({ name }) => name === 'level')
  assert.equal(
    series.count.reduce((sum, count) => sum + count, 0),
    SAMPLES,
  )
  assert.ok(series.t.every((t, i) => i === 0 || t >= series.t[i - 1]))
  assert.ok(new Set(series.t).size > 1, 'all points are at one time')
}

async function check(name, run) {
  try {
    await run()
    tally.passed++
    console.log(`ok       ${name}`)
  } catch (error) {
    tally.failed++
    console.log(`FAILED   ${name}\n${error.stack}`)
  }
}

function skip(name, why) {
  tally.skipped++
  console.log(`SKIPPED  ${name}\n         ${why}`)
}

async function runJob(server, command, customMetrics, env = {}) {
  const { id } = await server.call('POST', '/api/v1/jobs', { command, customMetrics, env })
  const job = await ended(server, id)
  if (job.state !== 'Stopped') {
    const log = await server.call('GET', `/api/v1/jobs/${id}/logs?tail=30`)
    const text = log.lines.map((line) => line.text).join('\n')
    assert.fail(`the job ended as ${job.state}: ${job.error ?? text}`)
  }
  const metrics = await server.call('GET', `/api/v1/jobs/${id}/metrics`)
  const data = await server.call('GET', `/api/v1/jobs/${id}/metrics/data?points=100000`)
  const metric = (name) => metrics.metrics.find((summary) => summary.name === name)
  return { job, metrics, data, metric }
}

async function ended(server, id) {
  const deadline = Date.now() + JOB_LIMIT_MS
  for (;;) {
    const job = await server.call('GET', `/api/v1/jobs/${id}`)
    if (!['Pending', 'Running'].includes(job.state)) return job
    if (Date.now() > deadline) assert.fail(`job ${id} is still ${job.state}`)
    await sleep(200)
  }
}

async function startServer(dataDir, flags) {
  const args = [PLOTLINE, 'serve', '--json', '--data', dataDir, '--port', '0', ...flags]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints = (complaints + chunk).slice(-5000)
  })
  const exit = new Promise((resolve) => child.once('exit', resolve))
  const url = await Promise.race([
    listening(child),
    exit.then((code) => Promise.reject(new Error(`the server ended with ${code}: ${complaints}`))),
  ])
  const apiKey = readFileSync(join(dataDir, 'api-key'), 'utf8').trim()
  say(`server ${url}, ${flags.join(' ')}`)
  return {
    url,
    apiKey,
    call: (method, path, body) => call(url + path, method, apiKey, body),
    async stop() {
      child.kill('SIGTERM')
      await exit
    },
  }
}

async function listening(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line)
    if (message.event === 'listening') return message.url
  }
  throw new Error('the server never said that it listens')
}

async function call(url, method, apiKey, body) {
  const response = await fetch(url, {
    method,
    headers: {
      'x-api-key': apiKey,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return JSON.parse(text)
}
