import { spawnSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client, type ClientOptions } from './index.ts'

const TAG = '|#container_name:jtest0001'
const MARK = 'end of what came'

let receiver: Socket
let received: string[]
let notices: string[]

beforeEach(async () => {
  received = []
  notices = []
  receiver = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 })
  receiver.on('message', (message) => received.push(message.toString()))
  receiver.bind(0, '127.0.0.1')
  await once(receiver, 'listening')
})

afterEach(() => {
  receiver.close()
})

const env = () => ({
  PS_JOB_ID: 'jtest0001',
  STATSD_HOST: '127.0.0.1',
  STATSD_PORT: String(receiver.address().port),
})
const inJob = (options: ClientOptions = {}) =>
  new Client({ env: env(), write: (line) => notices.push(line), ...options })

/** All datagrams so far: one socket keeps their order. */
async function datagrams(): Promise<string[]> {
  const other = createSocket('udp4')
  other.send(MARK, receiver.address().port, '127.0.0.1', () => other.close())
  while (!received.includes(MARK)) await once(receiver, 'message')
  return received.splice(0).slice(0, -1)
}

describe('Client', () => {
  it('sends the samples of one turn of the event loop together', async () => {
    const client = inJob()
    client.increment('steps')
    client.increment('steps', 2)
    client.decrement('steps')
    client.decrement('queue', -0.5)
    client.gauge('loss', -5)
    client.gauge('accuracy', 1e-7)
    client.gauge('big', 2n ** 64n)
    client.gauge('flag', true)
    await client.close()
    const lines = ['steps:2|c', 'queue:0.5|c', 'loss:-5|g']
    lines.push('accuracy:1e-7|g', 'big:18446744073709551616|g', 'flag:1|g')
    expect(await datagrams()).toEqual([lines.map((line) => line + TAG).join('\n')])
  })

  it('sends without being closed', async () => {
    inJob().gauge('loss', 1)
    await once(receiver, 'message')
    expect(received).toEqual([`loss:1|g${TAG}`])
  })

  it('gives each value of a gauge a datagram of its own', async () => {
    const client = inJob()
    for (const value of [1, 2, 3]) client.gauge('loss', value)
    await client.close()
    expect(await datagrams()).toEqual([`loss:1|g${TAG}`, `loss:2|g${TAG}`, `loss:3|g${TAG}`])
  })

  it('lets samples go while the event loop never turns', async () => {
    const client = inJob()
    client.increment('steps')
    for (const end = Date.now() + 150; Date.now() < end;);
    client.increment('epochs')
    await client.close()
    expect(await datagrams()).toEqual([`steps:1|c${TAG}`, `epochs:1|c${TAG}`])
  })

  it('adds up whole steps of a counter, and leaves other numbers to the server', async () => {
    const client = inJob()
    for (let i = 0; i < 100_000; i++) client.increment('steps')
    client.increment('ratio', 0.1)
    client.increment('ratio', 0.2)
    client.increment('huge', 2n ** 60n)
    client.increment('huge', 1)
    await client.close()
    const sent = await datagrams()
    const lines = sent.flatMap((datagram) => datagram.split('\n'))
    const steps = lines.filter((line) => line.startsWith('steps:'))
    const total = steps.reduce((sum, line) => sum + Number(/:(\d+)/.exec(line)?.[1]), 0)
    expect(total).toBe(100_000)
    expect(lines.filter((line) => !line.startsWith('steps:'))).toEqual([
      `ratio:0.1|c${TAG}`,
      `ratio:0.2|c${TAG}`,
      `huge:1152921504606846976|c${TAG}`,
      `huge:1|c${TAG}`,
    ])
  })

  it('fills datagrams up to the MTU and loses none of 2,000 samples', async () => {
    const client = inJob()
    for (let i = 0; i < 2000; i++) client.gauge(`loss-${i}`, i)
    await client.close()
    const sent = await datagrams()
    const lengths = sent.map((datagram) => datagram.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1432)
    expect(Math.max(...lengths)).toBeGreaterThan(1350)
    expect(sent.flatMap((datagram) => datagram.split('\n'))).toHaveLength(2000)
    expect(client.dropped).toBe(0)
  })

  it.each([
    ['a.b', 1],
    ['', 1],
    ['a\n', 1],
    ['x'.repeat(129), 1],
    [null, 1],
    [undefined, 1],
    [Symbol('s'), 1],
    ['m', Number.NaN],
    ['m', Number.POSITIVE_INFINITY],
    ['m', 10n ** 400n],
    ['m', null],
    ['m', '12'],
    ['m', {}],
  ])('drops %s with %s and says so once', async (name, value) => {
    const client = inJob()
    for (let i = 0; i < 3; i++) {
      client.gauge(name as string, value as number)
      client.increment(name as string, value as number)
    }
    await client.close()
    expect(await datagrams()).toEqual([])
    expect(notices).toHaveLength(1)
    expect(notices[0]).toMatch(/^plotline: .*\n$/)
  })

  it('does nothing after it was closed', async () => {
    const client = inJob()
    await client.close()
    client.gauge('loss', 1)
    await client.close()
    expect(await datagrams()).toEqual([])
  })

  it.each<[string, ClientOptions]>([
    ['no job', { env: { STATSD_HOST: '127.0.0.1' } }],
    ['a port that is none', { host: '127.0.0.1', port: 1e9 }],
    ['an address that is none', { transport: 'http', url: 'not an address' }],
    ['a protocol that is not HTTP', { transport: 'http', url: 'file:///tmp' }],
    ['a key that no header can carry', { transport: 'http', url: 'http://h', apiKey: 'a\nb' }],
  ])('with %s gives one notice and does nothing', async (_what, options) => {
    const client = inJob(options)
    client.gauge('loss', 1)
    client.increment('steps')
    await client.close()
    expect(notices.length).toBeLessThanOrEqual(1)
    expect(await datagrams()).toEqual([])
  })

  it('finds a server by name', async () => {
    const client = inJob({ host: 'localhost', port: receiver.address().port })
    client.gauge('loss', 1)
    await client.close()
    expect(await datagrams()).toEqual([`loss:1|g${TAG}`])
  })

  it('counts what nobody took and sends on when somebody is there again', async () => {
    const port = receiver.address().port
    const client = inJob()
    receiver.close()
    for (let i = 0; i < 3; i++) {
      client.gauge('loss', i)
      await new Promise(setImmediate)
    }
    while (client.dropped === 0) await new Promise(setImmediate)
    receiver = createSocket('udp4')
    receiver.on('message', (message) => received.push(message.toString()))
    receiver.bind(port, '127.0.0.1')
    await once(receiver, 'listening')
    client.gauge('loss', 9)
    await client.close()
    expect(await datagrams()).toContain(`loss:9|g${TAG}`)
  })
})

describe('a process with a Client', () => {
  const entry = resolve(import.meta.dirname, '../dist/index.js')
  const run = (body: string) =>
    new Promise<void>((done) => {
      const program = `import { Client } from ${JSON.stringify(entry)}; const client = new Client(); ${body}`
      const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
        encoding: 'utf8',
        timeout: 10_000,
        env: { ...process.env, ...env() },
      })
      expect(ran.stderr).toBe('')
      done()
    })

  it.each([
    ['falls off its end', ''],
    ['calls process.exit', 'process.exit(3)'],
    ['closes it at top level', 'await client.close()'],
    ['computes on', 'for (const end = Date.now() + 300; Date.now() < end; ); process.exit()'],
  ])('that %s ends and has sent its samples', async (_what, ending) => {
    await run(`client.gauge('loss', 1); client.increment('steps'); ${ending}`)
    expect(await datagrams()).toEqual([`loss:1|g${TAG}\nsteps:1|c${TAG}`])
  })
})
