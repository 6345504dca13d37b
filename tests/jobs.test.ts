import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Job, LogPage } from '@plotline/api'
import { describe, expect, it } from 'vitest'
import { withServer } from './lib/data-folder.ts'
import { eventually, sendDatagram, type TestServer } from './lib/server.ts'

let server: TestServer
withServer((started) => (server = started))

const RULE = 'Names may contain only letters a-z and A-Z, digits 0-9, "_" and "-".'

describe('POST /api/v1/jobs', () => {
  it.each<[string, unknown, string, string]>([
    [
      'loss.val',
      ['loss.val'],
      'INVALID_METRIC_NAME',
      `Metric name "loss.val" contains "." ${RULE}`,
    ],
    ['a b', ['a b'], 'INVALID_METRIC_NAME', `Metric name "a b" contains a space. ${RULE}`],
    ['an empty list item', ['a', ''], 'INVALID_METRIC_NAME', `Metric name "" is empty. ${RULE}`],
    [
      '129 characters',
      ['a'.repeat(129)],
      'METRIC_NAME_TOO_LONG',
      'Metric name "aaaaaaaaaaaaaaaaaaaa…" has 129 characters. The limit is 128.',
    ],
    [
      '101 names',
      Array.from({ length: 101 }, (_, i) => `m${i}`),
      'TOO_MANY_METRICS',
      'A job can have up to 100 custom metrics. You entered 101.',
    ],
    ['naïve', ['naïve'], 'INVALID_METRIC_NAME', `Metric name "naïve" contains "ï". ${RULE}`],
    [
      'a trailing newline',
      ['loss\n'],
      'INVALID_METRIC_NAME',
      `Metric name "lossU+000A" contains a line break. ${RULE}`,
    ],
    [
      'a bad name in the comma string',
      'good, loss.val',
      'INVALID_METRIC_NAME',
      `Metric name "loss.val" contains "." ${RULE}`,
    ],
  ])('refuses %s and creates nothing', async (_what, customMetrics, code, message) => {
    const before = await jobCount()
    const { status, body } = await server.api('POST', '/api/v1/jobs', {
      command: 'true',
      customMetrics,
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({ error: { code, message, details: [{ field: 'customMetrics' }] } })
    expect(await jobCount()).toBe(before)
  })

  it('accepts odd but legal names, in order, twins by case apart', async () => {
    const customMetrics = ['__proto__', 'constructor', '-', '_', 'Loss', 'loss', 'toString']
    const job = await server.submit({ command: 'true', customMetrics })
    expect(job.customMetrics).toEqual(customMetrics)
    const { metrics } = await server.metrics(job.id)
    expect(metrics.map(({ name }) => name)).toEqual(customMetrics)
  })

  it('counts under odd names like under any other', async () => {
    const customMetrics = ['__proto__', 'constructor', '-', '_', 'Loss', 'loss']
    const job = await server.run({ command: 'sleep 60', customMetrics })
    for (const [i, name] of customMetrics.entries())
      await server.send(`${name}:${i + 1}|g|#container_name:${job.id}`)
    const { metrics } = await eventually(
      () => server.metrics(job.id),
      (answer) => answer.metrics.every(({ samples }) => samples === 1),
    )
    expect(metrics.map(({ last }) => last)).toEqual([1, 2, 3, 4, 5, 6])
    await server.api('DELETE', `/api/v1/jobs/${job.id}`)
  })
})

describe('a job', () => {
  it.each<[string, object, Partial<Job>]>([
    ['exits 0', { command: 'exit 0' }, { state: 'Stopped', exitCode: 0, error: null }],
    ['exits 3', { command: 'exit 3' }, { state: 'Failed', exitCode: 3, error: null }],
    [
      'has no such program',
      { command: 'nosuchprogram --now' },
      { state: 'Error', exitCode: null, error: expect.stringContaining('nosuchprogram') },
    ],
    [
      'has no such program in its list',
      { command: ['nosuchprogram', '--now'] },
      { state: 'Error', exitCode: null, error: expect.stringContaining('nosuchprogram') },
    ],
    ['kills itself', { command: 'kill -9 $$' }, { state: 'Failed', exitCode: 137 }],
  ])('that %s ends as it should', async (_what, submitted, expected) => {
    const { id } = await server.submit(submitted)
    const job = await eventually(() => server.job(id), isOver)
    expect(job).toMatchObject(expected)
    expect(job.finishedAt).toEqual(expect.any(Number))
  })

  it('is Cancelled by a stop, children and all', async () => {
    const { id } = await server.run({ command: 'sleep 300 & setsid sleep 301 & wait' })
    await eventually(
      () => server.job(id),
      ({ state }) => state === 'Running',
    )
    await server.api('POST', `/api/v1/jobs/${id}/stop`)
    expect(await eventually(() => server.job(id), isOver)).toMatchObject({ state: 'Cancelled' })
    expect(await server.api('POST', `/api/v1/jobs/${id}/stop`)).toMatchObject({
      status: 409,
      body: { error: { code: 'JOB_NOT_RUNNING' } },
    })
  })

  it('keeps both streams of its log in order', async () => {
    const { id } = await server.submit({ command: 'echo one; echo two >&2; printf three' })
    await eventually(() => server.job(id), isOver)
    const { body } = await server.api<LogPage>('GET', `/api/v1/jobs/${id}/logs`)
    const lines = body.lines.filter(({ stream }) => stream !== 'plotline')
    expect(lines.map(({ text }) => text).toSorted()).toEqual(['one', 'three', 'two'])
    expect(lines.find(({ text }) => text === 'two')?.stream).toBe('stderr')
    expect(body.complete).toBe(true)
  })

  it('shows no secrets', async () => {
    const job = await server.submit({
      command: 'true',
      env: { API_TOKEN: 'hidden-1', OWN: 'hidden-2', PLAIN: 'shown' },
      secrets: ['OWN'],
    })
    expect(job.env).toEqual({ API_TOKEN: '********', OWN: '********', PLAIN: 'shown' })
  })

  it('is cloned with all that it was given', async () => {
    const job = await server.submit({
      command: 'true',
      name: 'first',
      env: { A: 'b' },
      customMetrics: ['a'],
      tags: ['t'],
    })
    const { status, body } = await server.api<Job>('POST', `/api/v1/jobs/${job.id}/clone`)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      parentId: job.id,
      command: 'true',
      env: { A: 'b' },
      customMetrics: ['a'],
      tags: ['t'],
    })
    expect(body.id).not.toBe(job.id)
  })

  it('can be deleted while it runs: stopped, folder gone, id unknown, its datagrams too', async () => {
    const { id } = await server.run({
      command: 'while true; do echo x; sleep 0.1; done',
      customMetrics: ['a'],
    })
    await server.send(`a:1|c|#container_name:${id}`)
    await eventually(
      () => server.metrics(id),
      ({ metrics }) => metrics[0]?.samples === 1,
    )
    const deleted = await server.api<{ bytesFreed: number }>('DELETE', `/api/v1/jobs/${id}`)
    expect(deleted.status).toBe(200)
    expect(deleted.body.bytesFreed).toBeGreaterThan(0)
    expect(existsSync(join(server.dataDir, 'jobs', id))).toBe(false)
    expect((await server.api('GET', `/api/v1/jobs/${id}`)).status).toBe(404)
    expect((await server.api('DELETE', `/api/v1/jobs/${id}`)).status).toBe(404)
    const before = await unknownJobs()
    await sendDatagram(server.statsd, `a:1|c|#container_name:${id}`)
    await eventually(unknownJobs, (count) => count === before + 1)
  })

  it('takes names added while it runs, and shows what came before', async () => {
    const { id } = await server.run({ command: 'sleep 60', customMetrics: ['a'] })
    await server.send(`later:5|g|#container_name:${id}`)
    await eventually(
      () => server.metrics(id),
      ({ undeclared }) => undeclared.some(({ name }) => name === 'later'),
    )
    const patched = await server.api<Job>('PATCH', `/api/v1/jobs/${id}`, {
      customMetrics: ['later'],
    })
    expect(patched.body.customMetrics).toEqual(['a', 'later'])
    const [series] = await eventually(
      () => server.data(id, '?names=later'),
      ({ length }) => length === 1,
    )
    expect(series?.last).toEqual([5])
    await server.api('DELETE', `/api/v1/jobs/${id}`)
  })

  it('has its values, refusals and losses in the Prometheus text while it runs', async () => {
    const { id } = await server.run({ command: 'sleep 60', name: 'a "b"', customMetrics: ['loss'] })
    await server.send(`loss:0.5|g|#container_name:${id}\nloss:nan|g|#container_name:${id}`)
    await server.send(`datadog.dogstatsd.client.packets_dropped:7|c|#container_name:${id}`)
    const text = await eventually(prometheus, (told) =>
      told.includes(`plotline_job_lost_total{job="${id}",job_name="a \\"b\\"",by="client"} 7`),
    )
    expect(text).toContain(
      `plotline_job_metric{job="${id}",job_name="a \\"b\\"",metric="loss"} 0.5`,
    )
    expect(text).toContain(
      `plotline_job_refused_total{job="${id}",job_name="a \\"b\\"",reason="value"} 1`,
    )
    await server.api('DELETE', `/api/v1/jobs/${id}`)
  })

  it('takes samples by HTTP and shows them at once', async () => {
    const { id } = await server.run({ command: 'sleep 60', customMetrics: ['a', 'b'] })
    const response = await fetch(`${server.url}/api/v1/jobs/${id}/samples`, {
      method: 'POST',
      headers: { 'x-api-key': server.key, 'content-type': 'text/plain' },
      body: 'a:1|c\na:oops|c\nb:0.1|g\nb:1|ms\n',
    })
    expect(await response.json()).toEqual({
      accepted: 2,
      refused: [
        { line: 'a:oops|c', number: 2, reason: 'value' },
        { line: 'b:1|ms', number: 4, reason: 'type' },
      ],
    })
    expect((await server.data(id)).map(({ name, last }) => [name, last])).toEqual([
      ['a', [1]],
      ['b', [0.1]],
    ])
    expect(await server.metrics(id)).toMatchObject({
      metrics: [
        { name: 'a', type: 'counter', last: 1, samples: 1 },
        { name: 'b', type: 'gauge', last: 0.1, samples: 1 },
      ],
      refused: {
        value: { count: 1, lastLine: 'a:oops|c' },
        type: { count: 1, lastLine: 'b:1|ms' },
      },
    })
    await server.api('DELETE', `/api/v1/jobs/${id}`)
  })
})

describe('GET /api/v1/jobs', () => {
  it('pages, filters and counts', async () => {
    for (let i = 0; i < 5; i++)
      await server.submit({ command: 'true', name: `page-${i}`, tags: ['paged'] })
    type Page = { jobs: Job[]; nextCursor: string | null; counts: Record<string, number> }
    const first = await server.api<Page>('GET', '/api/v1/jobs?tag=paged&limit=3')
    expect(first.body.jobs.map(({ name }) => name)).toEqual(['page-4', 'page-3', 'page-2'])
    expect(first.body.counts['all']).toBe(5)
    const second = await server.api<Page>(
      'GET',
      `/api/v1/jobs?tag=paged&limit=3&cursor=${first.body.nextCursor}`,
    )
    expect(second.body.jobs.map(({ name }) => name)).toEqual(['page-1', 'page-0'])
    expect(second.body.nextCursor).toBeNull()
    const found = await server.api<Page>('GET', '/api/v1/jobs?q=PAGE-2')
    expect(found.body.jobs.map(({ name }) => name)).toEqual(['page-2'])
  })
})

const isOver = ({ state }: Job): boolean => state !== 'Pending' && state !== 'Running'

async function jobCount(): Promise<number> {
  const { body } = await server.api<{ counts: { all: number } }>('GET', '/api/v1/jobs')
  return body.counts.all
}

const prometheus = async (): Promise<string> =>
  (await fetch(`${server.url}/metrics`, { headers: { 'x-api-key': server.key } })).text()

async function unknownJobs(): Promise<number> {
  const [, count] =
    /^plotline_refused_total\{reason="unknown_job"\} (\d+)$/m.exec(await prometheus()) ?? []
  return Number(count ?? 0)
}
