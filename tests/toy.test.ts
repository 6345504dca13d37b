import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { LogPage } from '@plotline/api'
import { describe, expect, it } from 'vitest'
import { withServer } from './lib/data-folder.ts'
import { eventually, ROOT, type TestServer } from './lib/server.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.error('SKIPPED: there is no python3, so the Python toy does not run.')

let server: TestServer
withServer((started) => (server = started))

describe('the toy program, as a job', () => {
  it.each([
    ['Python', ['python3', 'toy.py'], 0.125, 60],
    ['Node', ['node', 'toy.mjs'], 0.125, 60],
    ['bash', ['bash', 'toy.sh'], 1, 6],
  ])(
    'has every increment and every gauge value of it in the store: %s',
    async (language, program, intervalSeconds, steps) => {
      if (language === 'Python' && !hasPython) return
      const flags = [
        '--interval',
        String(intervalSeconds),
        '--duration',
        String(steps * intervalSeconds),
      ]
      const { id } = await server.submit({
        command: [...program, ...flags],
        workspace: join(ROOT, 'examples'),
        customMetrics: 'testMetric1, testMetric2',
      })
      const job = await eventually(
        () => server.job(id),
        ({ state }) => state !== 'Pending' && state !== 'Running',
        40_000,
      )
      expect(job).toMatchObject({ state: 'Stopped', exitCode: 0 })

      const sent = await sentGauges(id)
      expect(sent).toHaveLength(steps)
      const { metrics, refused, lost } = await server.metrics(id)
      expect(metrics).toMatchObject([
        { name: 'testMetric1', type: 'counter', last: steps, min: 1, max: steps, samples: steps },
        {
          name: 'testMetric2',
          type: 'gauge',
          last: sent.at(-1),
          min: Math.min(...sent),
          max: Math.max(...sent),
          samples: steps,
        },
      ])
      expect({ refused, lost }).toEqual({ refused: {}, lost: { kernel: 0, client: 0 } })

      const [counter, gauge] = await server.data(id)
      expect(counter?.last).toEqual(Array.from({ length: steps }, (_, i) => i + 1))
      expect(gauge?.last).toEqual(sent)
      expect(gauge?.t.every((t, i, all) => i === 0 || t >= (all[i - 1] ?? 0))).toBe(true)
    },
    60_000,
  )
})

/** The gauge values as the program printed them. */
async function sentGauges(id: string): Promise<number[]> {
  const { body } = await server.api<LogPage>('GET', `/api/v1/jobs/${id}/logs?limit=10000`)
  return body.lines.flatMap(({ text }) => {
    const [, value] = /^step \d+: testMetric1 \+1, testMetric2 = (\d+)$/.exec(text) ?? []
    return value === undefined ? [] : [Number(value)]
  })
}
