import { WebSocket } from 'ws'
import type { LiveMessage } from '@plotline/api'
import { describe, expect, it } from 'vitest'
import { withServer } from './lib/data-folder.ts'
import type { TestServer } from './lib/server.ts'

let server: TestServer
withServer((started) => (server = started))

describe('the live socket', () => {
  it('tells each line of a log once, and its end when the job is over', async () => {
    const { id } = await server.submit({
      command: 'for i in 1 2 3 4 5; do echo $i; sleep 0.05; done',
    })
    const lines: string[] = []
    const reader = await listen((message) => {
      if (message.type !== 'log') return false
      lines.push(...message.lines.map(({ text }) => text))
      return message.complete
    })
    reader.subscribe({ topic: 'log', jobId: id })
    await reader.done
    expect(lines).toEqual(['1', '2', '3', '4', '5'])
    expect((await server.job(id)).state).toBe('Stopped')
  })

  it('resumes a metric from where its reader was, with what came in between', async () => {
    const { id } = await server.run({ command: 'sleep 60', customMetrics: 'g' })
    for (const value of [1, 2, 3]) await sendApart(`g:${value}|g|#container_name:${id}`)
    const known = await waitForPoints(id, 3)
    const since = known.t[1] ?? 0
    for (const value of [4, 5]) await sendApart(`g:${value}|g|#container_name:${id}`)
    let points: { at: number; value: number }[] = []
    const reader = await listen((message) => {
      if (message.type !== 'metrics') return false
      for (const { from, t, last } of message.series)
        points = [
          ...points.filter(({ at }) => at < from),
          ...t.map((at, i) => ({ at, value: last[i] ?? NaN })),
        ]
      return points.length >= 4
    })
    reader.subscribe({ topic: 'metrics', jobId: id, since })
    await reader.done
    expect(points.map(({ value }) => value)).toEqual([2, 3, 4, 5])
    await server.api('DELETE', `/api/v1/jobs/${id}`)
  })

  it('outlives jobs that go while they are being told and listed', async () => {
    const reader = await listen(() => false)
    reader.subscribe({ topic: 'jobs' })
    await reader.subscribed
    const jobs = await Promise.all(
      Array.from({ length: 8 }, () => server.submit({ command: 'sleep 60' })),
    )
    const lists = jobs.map(() => server.api('GET', '/api/v1/jobs'))
    await Promise.all(
      jobs.flatMap(({ id }) => [
        server.api('POST', `/api/v1/jobs/${id}/stop`),
        server.api('DELETE', `/api/v1/jobs/${id}`),
      ]),
    )
    expect((await Promise.all(lists)).map(({ status }) => status)).toEqual(jobs.map(() => 200))
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    reader.socket.close()
  })

  it.each([
    ['what is no JSON', 'hello', 0],
    ['an unknown topic', JSON.stringify({ op: 'subscribe', id: 4, topic: 'x' }), 0],
    [
      'an unknown job',
      JSON.stringify({ op: 'subscribe', id: 5, topic: 'log', jobId: 'jaaaaaaaaaaaa' }),
      5,
    ],
  ])('answers %s with an error and stays', async (_what, text, id) => {
    const errors: LiveMessage[] = []
    const reader = await listen((message) => {
      errors.push(message)
      return true
    })
    reader.socket.send(text)
    await reader.done
    expect(errors).toMatchObject([{ id, type: 'error' }])
    expect(reader.socket.readyState).toBe(WebSocket.OPEN)
    reader.socket.close()
  })

  it('tells of jobs as they come, change and go', async () => {
    const told: string[] = []
    const reader = await listen((message) => {
      if (message.type === 'job') told.push(message.job.state)
      if (message.type === 'job-deleted') told.push('deleted')
      return message.type === 'job-deleted'
    })
    reader.subscribe({ topic: 'jobs' })
    await reader.subscribed
    const { id } = await server.run({ command: 'sleep 60' })
    await server.api('DELETE', `/api/v1/jobs/${id}`)
    await reader.done
    expect(told.filter((state, i) => state !== told[i - 1])).toEqual([
      'Pending',
      'Running',
      'deleted',
    ])
  })
})

/** A reader that is done when `hear` says so. */
async function listen(hear: (message: LiveMessage) => boolean) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/live`, {
    headers: { 'x-api-key': server.key },
  })
  await new Promise((done, fail) => {
    socket.once('open', done)
    socket.once('error', fail)
  })
  const done = new Promise<void>((end) =>
    socket.on(
      'message',
      (data) => hear(JSON.parse(Buffer.isBuffer(data) ? data.toString() : '')) && end(),
    ),
  )
  const subscribed = new Promise<void>((end) =>
    socket.on('message', (data) => Buffer.isBuffer(data) && data.includes('"subscribed"') && end()),
  )
  const subscribe = (topic: object): void =>
    socket.send(JSON.stringify({ op: 'subscribe', id: 1, ...topic }))
  return { socket, done, subscribed, subscribe }
}

async function waitForPoints(id: string, count: number) {
  for (;;) {
    const [series] = await server.data(id)
    if (series && series.t.length >= count) return series
    await new Promise((done) => setTimeout(done, 50))
  }
}

/** Each in a millisecond of its own. */
async function sendApart(datagram: string): Promise<void> {
  await server.send(datagram)
  await new Promise((done) => setTimeout(done, 10))
}
