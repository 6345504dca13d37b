// Claim: memory does not grow with time: not with samples, made-up names, strange senders or jobs that come and go.
//
//   node bench/soak.mjs [--seconds 120] [--dist packages/server/dist]
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { median, report } from './lib/report.mjs'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    dist: { type: 'string', default: join(import.meta.dirname, '../packages/server/dist') },
  },
})
const SECONDS = Number(options.seconds)
const SENDERS = 20
const DATAGRAMS_A_STEP = 60
const STEP_MS = 5

const { openIngest } = await import(resolve(options.dist, 'ingest/open-ingest.js'))
const { port1, port2 } = new MessageChannel()
let ticks = 0
port1.on('message', ({ call }) => {
  ticks++
  port1.postMessage({ answer: call })
})
const ingest = await openIngest({ host: '127.0.0.1', port: 0, store: port2, floorMs: 0 })
let changes = 0
ingest.onChange(() => changes++)
await soak()

async function soak() {
  const sockets = Array.from({ length: SENDERS }, () => createSocket('udp4'))
  for (const socket of sockets) {
    socket.connect(ingest.statsd.port, '127.0.0.1')
    await once(socket, 'connect')
  }
  const memory = []
  let sent = 0
  let jobs = []
  const begun = performance.now()
  for (let step = 0; performance.now() - begun < SECONDS * 1000; step++) {
    if (step % 100 === 0) jobs = await renewJobs(jobs, step)
    for (let i = 0; i < DATAGRAMS_A_STEP; i++)
      sockets[i % SENDERS].send(datagram(jobs[i % jobs.length], sent++))
    if (step % 40 === 0) memory.push(process.memoryUsage().rss)
    await new Promise((done) => setTimeout(done, STEP_MS))
  }
  const { samples, datagrams, lost } = await ingest.account()
  for (const socket of sockets) socket.close()
  await ingest.close()
  port1.close()
  const part = (from, to) =>
    median(memory.slice(memory.length * from, memory.length * to)) / 2 ** 20
  report({
    title: 'Memory of ingest over time (this process sends, too)',
    target: 'the last quarter no more than the second',
    rows: [
      {
        seconds: SECONDS,
        datagrams,
        samples,
        'lost by the kernel': lost.kernel,
        ticks,
        changes,
        'RSS in the 2nd quarter, MiB': part(0.25, 0.5).toFixed(0),
        'RSS in the 4th quarter, MiB': part(0.75, 1).toFixed(0),
      },
    ],
  })
}

/** Ten jobs at a time; the eldest ends and a new one begins. */
async function renewJobs(jobs, step) {
  const kept = jobs.slice(-9)
  for (const jobId of jobs.slice(0, -9)) void ingest.end(jobId, Date.now())
  const jobId = `j${String(step).padStart(12, '0')}`
  await ingest.open({
    jobId,
    declared: ['steps', 'loss'],
    createdAt: Date.now(),
    stored: { series: [], account: undefined },
  })
  return [...kept, jobId]
}

function datagram(jobId, n) {
  const tag = `#container_name:${jobId}`
  if (n % 50 === 0) return Buffer.from(`made_up_${n}:1|c|${tag}`)
  if (n % 51 === 0) return Buffer.from(`loss:nan|g|${tag}\n\0garbage ${n}`)
  if (n % 52 === 0) return Buffer.from(`steps:1|c|#container_name:jstranger${n}`)
  return Buffer.from(`steps:1|c|${tag}\nloss:${Math.sin(n)}|g|${tag}`)
}
