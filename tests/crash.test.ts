import type { LogPage } from '@plotline/api'
import { describe, expect, it } from 'vitest'
import { spareDataFolder } from './lib/data-folder.ts'
import { eventually } from './lib/server.ts'

/** Prints and sends 20 numbered counts a second, with nothing but a shell, for as long as it may. */
const COUNTING = `
i=0
while [ $i -lt 400 ]; do
  i=$((i+1)); echo "sent $i"
  printf 'steps:1|c' > /dev/udp/$STATSD_HOST/$STATSD_PORT || true
  sleep 0.05
done
exit 5
`

describe('kill -9 of the server while a job runs and sends', () => {
  it('leaves the job alone; the next server shows it, its log complete and its total no further back than what nobody heard', async () => {
    const data = spareDataFolder()
    const first = await data.start()
    const { id } = await first.submit({
      command: ['bash', '-c', COUNTING],
      customMetrics: ['steps'],
    })
    await eventually(
      () => first.metrics(id),
      ({ metrics }) => (metrics[0]?.last ?? 0) >= 50,
      30_000,
    )
    const before = (await first.metrics(id)).metrics[0]?.last ?? 0
    await first.stop('SIGKILL')
    const downFrom = Date.now()
    await new Promise((done) => setTimeout(done, 1000))

    const second = await data.start()
    const downMs = Date.now() - downFrom
    try {
      expect(await second.job(id)).toMatchObject({ state: 'Running' })
      const resumed = await eventually(
        () => second.metrics(id),
        ({ metrics }) => (metrics[0]?.last ?? 0) > before,
        30_000,
      )
      expect(resumed.metrics[0]?.type).toBe('counter')
      const job = await eventually(
        () => second.job(id),
        ({ state }) => state === 'Failed',
        60_000,
      )
      expect(job.exitCode).toBe(5)

      const { body } = await second.api<LogPage>('GET', `/api/v1/jobs/${id}/logs?limit=10000`)
      const sent = body.lines
        .filter(({ text }) => text.startsWith('sent '))
        .map(({ text }) => Number(text.slice(5)))
      expect(sent).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))

      const total = (await second.metrics(id)).metrics[0]?.last ?? 0
      // Unheard while down, and at most the second (and a bit) that was not committed yet when the server died.
      const unheard = body.lines.filter(
        ({ t }) => t >= downFrom - 1500 && t <= downFrom + downMs,
      ).length
      expect(total).toBeGreaterThanOrEqual(400 - unheard - 1)
      expect(total).toBeLessThanOrEqual(400)
    } finally {
      await second.api('DELETE', `/api/v1/jobs/${id}`)
    }
  }, 120_000)
})
