import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_HELD_BYTES, openHttp } from './http-transport.ts'
import type { Line } from './transport.ts'

type Answer = number | 'cut'

let server: Server
let port: number
let answers: Answer[]
let bodies: string[]
let requests: { path: string | undefined; key: unknown; type: unknown }[]
let notices: string[]

beforeEach(async () => {
  answers = []
  bodies = []
  requests = []
  notices = []
  await listen(0)
})

afterEach(() => {
  server.close()
})

async function listen(at: number): Promise<void> {
  server = createServer((request, response) => void take(request, response))
  server.listen(at, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
}

/** Answers as planned, else 200; a body counts only if it was taken. */
async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request)
  const { 'x-api-key': key, 'content-type': type } = request.headers
  requests.push({ path: request.url, key, type })
  const answer = answers.shift() ?? 200
  if (answer === 'cut') request.socket.destroy()
  else response.writeHead(answer).end('{}')
  if (answer === 200) bodies.push(body)
  server.emit('answered')
}

const openTransport = (nowMs?: () => number) =>
  openHttp(
    { url: `http://127.0.0.1:${port}`, apiKey: 'k1', jobId: 'jtest0001' },
    (_topic, notice) => notices.push(notice),
    nowMs,
  )
const line = (sample: string): Line => ({ text: sample, name: 'm', value: 1, type: 'c', tags: [] })
const lines = () => bodies.flatMap((body) => body.split('\n'))

describe('openHttp', () => {
  it('posts lines to the job with the key', async () => {
    const transport = openTransport()
    transport.send(line('a:1|c'))
    transport.send(line('b:2|g'))
    await once(server, 'answered')
    expect(bodies).toEqual(['a:1|c\nb:2|g'])
    expect(requests).toEqual([
      { path: '/api/v1/jobs/jtest0001/samples', key: 'k1', type: 'text/plain' },
    ])
    await transport.close()
  })

  it.each([429, 503, 507])('sends again what a server refused for now with %i', async (status) => {
    answers = [status]
    const transport = openTransport()
    transport.send(line('a:1|c'))
    await once(server, 'answered')
    await transport.close()
    expect(bodies).toEqual(['a:1|c'])
    expect(transport.dropped()).toBe(0)
    expect(notices).toHaveLength(1)
  })

  it('sends again by itself, later', async () => {
    answers = [503]
    const transport = openTransport()
    transport.send(line('a:1|c'))
    await once(server, 'answered')
    await once(server, 'answered')
    expect(bodies).toEqual(['a:1|c'])
    await transport.close()
  })

  it('names the second of making once a line is older than one', async () => {
    answers = [503]
    let nowMs = 1_700_000_000_900
    const transport = openTransport(() => nowMs)
    transport.send(line('a:1|c'))
    await once(server, 'answered')
    nowMs += 1200
    transport.send(line('b:1|c'))
    await transport.close()
    expect(bodies).toEqual(['a:1|c|T1700000000\nb:1|c'])
  })

  it.each<[string, Answer]>([
    ['refused', 401],
    ['may have been counted: 500', 500],
    ['may have been counted: a cut connection', 'cut'],
  ])('drops and counts what was %s, and sends it no second time', async (_what, answer) => {
    answers = [answer]
    const transport = openTransport()
    transport.send(line('a:1|c'))
    transport.send(line('b:1|c'))
    await once(server, 'answered')
    await transport.close()
    expect(lines()).toEqual([])
    expect(requests).toHaveLength(1)
    expect(transport.dropped()).toBe(2)
    expect(notices).toHaveLength(1)
  })

  it('keeps 1 MiB for a server that is away, drops the oldest, and counts right', async () => {
    server.close()
    await once(server, 'close')
    const transport = openTransport()
    const padding = 'x'.repeat(100)
    const sent = 20_000
    for (let i = 0; i < sent; i++) transport.send(line(`${padding}${i}:1|c`))
    const dropped = transport.dropped()
    expect(dropped).toBeGreaterThan(0)
    await listen(port)
    await transport.close()
    expect(lines()).toHaveLength(sent - dropped)
    expect(lines().at(-1)).toBe(`${padding}${sent - 1}:1|c`)
    expect(lines().join('\n').length).toBeLessThanOrEqual(MAX_HELD_BYTES)
  })

  it('gives up at close where no server is, and counts it', async () => {
    server.close()
    await once(server, 'close')
    const transport = openTransport()
    transport.send(line('a:1|c'))
    await transport.close()
    expect(transport.dropped()).toBe(1)
  })
})

describe('a process that posts samples', () => {
  const entry = resolve(import.meta.dirname, '../dist/index.js')
  async function run(ending: string): Promise<number | null> {
    const program = `import { Client } from ${JSON.stringify(entry)}
      const client = new Client({ transport: 'http' })
      client.increment('steps'); ${ending}`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'inherit', 'ignore'],
      env: {
        ...process.env,
        PS_JOB_ID: 'jtest0001',
        PLOTLINE_URL: `http://127.0.0.1:${port}`,
        PLOTLINE_API_KEY: 'k1',
      },
    })
    await once(child, 'exit')
    return child.exitCode
  }

  it.each([
    ['falls off its end', ''],
    ['closes it at top level', 'await client.close()'],
  ])('and %s has delivered them', async (_what, ending) => {
    expect(await run(ending)).toBe(0)
    expect(lines()).toEqual(['steps:1|c|#container_name:jtest0001'])
  })

  it('ends with no server too', async () => {
    server.close()
    await once(server, 'close')
    expect(await run('')).toBe(0)
  })
})
