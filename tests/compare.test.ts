import type { Comparison, Job } from '@plotline/api'
import { describe, expect, it } from 'vitest'
import { withServer } from './lib/data-folder.ts'
import { eventually, type TestServer } from './lib/server.ts'

let server: TestServer
withServer((started) => (server = started))

describe('GET /api/v1/compare', () => {
  it('puts the same metric of several jobs on the time since each began', async () => {
    const first = await jobThatSent('loss:5|g', 'loss:4|g')
    const second = await jobThatSent('loss:7|g')
    const { status, body } = await server.api<Comparison>(
      'GET',
      `/api/v1/compare?jobs=${first.id},${second.id}&names=loss&from=0`,
    )
    expect(status).toBe(200)
    expect(body.gridMs).toBe(0)
    expect(body.jobs).toEqual(
      [first, second].map(({ id, name, startedAt }) => ({ id, name, origin: startedAt })),
    )
    expect(body.series.map(({ jobId, name, last }) => [jobId, name, last])).toEqual([
      [first.id, 'loss', [5, 4]],
      [second.id, 'loss', [7]],
    ])
    for (const { jobId, t } of body.series) {
      const [alone] = await server.data(jobId, '?names=loss')
      const { startedAt } = await server.job(jobId)
      expect(t).toEqual(alone?.t.map((time) => time - Number(startedAt)))
    }
  })

  it.each([
    ['', 400, 'BAD_REQUEST'],
    [Array.from({ length: 21 }, (_, i) => `j${i}`).join(), 400, 'BAD_REQUEST'],
    ['jaaaaaaaaaaaa', 404, 'JOB_NOT_FOUND'],
  ])('answers the jobs "%s" with %d %s', async (jobs, status, code) => {
    expect(await server.api('GET', `/api/v1/compare?jobs=${jobs}`)).toMatchObject({
      status,
      body: { error: { code } },
    })
  })
})

async function jobThatSent(...lines: readonly string[]): Promise<Job> {
  const job = await server.run({ command: 'sleep 20', customMetrics: ['loss'] })
  for (const [i, line] of lines.entries()) {
    await server.send(`${line}|#container_name:${job.id}`)
    await eventually(
      () => server.metrics(job.id),
      ({ metrics }) => metrics[0]?.samples === i + 1,
    )
  }
  return job
}
