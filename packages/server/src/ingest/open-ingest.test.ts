import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const BUILT = new URL('../../dist/ingest/open-ingest.js', import.meta.url).href
const JOB = 'jaaaaaaaaaaaa'

/** A process of its own, since threads run compiled code only: `npm run build` comes before. */
const PROGRAM = `
import { createSocket } from 'node:dgram'
import { MessageChannel } from 'node:worker_threads'
import { openIngest } from '${BUILT}'

const { port1, port2 } = new MessageChannel()
let stored = 0
const room = { totalBytes: 2, freeBytes: 2, minFreeBytes: 1 }
port1.on('message', ({ call, method, args: [batch] }) => {
  if (method === 'append') for (const increment of batch.buckets.last) stored += increment
  port1.postMessage({ answer: call, value: method === 'room' ? room : undefined })
})
const ingest = await openIngest({ host: '127.0.0.1', port: 0, store: port2, floorMs: 0 })
const change = new Promise((resolve) => ingest.onChange(resolve))
const job = { jobId: '${JOB}', declared: ['steps'], createdAt: Date.now(), stored: { series: [] } }
await ingest.open(job)
await ingest.watch('${JOB}', true)
const socket = createSocket('udp4')
socket.send('steps:3|c|#container_name:${JOB}', ingest.statsd.port, '127.0.0.1')
const shown = (await change).series[0].last
const answer = await ingest.accept('${JOB}', Buffer.from('steps:4|c\\nsteps:x|c'))
const uncut = (await ingest.pending('${JOB}')).length
await ingest.end('${JOB}', Date.now())
const taken = { host: '127.0.0.1', port: ingest.statsd.port, store: new MessageChannel().port1, floorMs: 0 }
const clash = await openIngest(taken).catch((error) => error.message)
socket.close()
await ingest.close()
port1.close()
console.log(JSON.stringify({ shown, answer, uncut, stored, clash }))
`

it('receives in a thread of its own, stores by the port, tells what changed and ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plotline-ingest-'))
  const program = join(folder, 'program.mjs')
  await writeFile(program, PROGRAM)
  const { stdout } = await promisify(execFile)(process.execPath, [program])
  await rm(folder, { recursive: true })
  expect(JSON.parse(stdout)).toEqual({
    shown: [3],
    answer: { accepted: 1, refused: [{ line: 'steps:x|c', number: 2, reason: 'value' }] },
    uncut: expect.any(Number) as number,
    stored: 7,
    clash: expect.stringMatching(/EADDRINUSE/) as string,
  })
})
