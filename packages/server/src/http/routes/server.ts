import { NewSession, ServerInfo } from '@plotline/api'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Jobs } from '../../jobs/jobs.ts'
import type { Ingest } from '../../metrics/ingest.ts'
import type { MetricReader } from '../../metrics/job-metrics.ts'
import type { Guard } from '../guard.ts'
import { prometheusText } from '../prometheus-text.ts'

interface Needs {
  readonly guard: Guard
  readonly ingest: Ingest
  readonly jobs: Jobs
  readonly metrics: MetricReader
  readonly facts: Pick<ServerInfo, 'version' | 'startedAt' | 'dataDir'>
}

/** What the server says of itself, and the exchange of the key for the page's cookie. */
export function serverRoutes({
  guard,
  ingest,
  jobs,
  metrics,
  facts,
}: Needs): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/healthz', { config: { open: true } }, async () => ({ status: 'ok' }))

    app.get('/metrics', async (_request, reply) => {
      const text = await prometheusText(ingest, jobs, metrics)
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text)
    })

    app.get('/api/v1/server', { schema: { response: { 200: ServerInfo } } }, async () => {
      const [{ refused, lost, warnings, stopped }, disk, damage] = await Promise.all([
        ingest.account(),
        metrics.room(),
        metrics.damage(),
      ])
      return {
        ...facts,
        statsd: { ...ingest.statsd },
        refused: { ...refused },
        lost: { ...lost },
        disk,
        stopped,
        warnings: [...warnings, ...damageWarning(damage.length)],
      }
    })

    app.post(
      '/api/v1/session',
      { config: { open: true }, schema: { body: NewSession } },
      async (request, reply) =>
        reply
          .header('set-cookie', guard.startSession(request.body.key, request.raw))
          .code(204)
          .send(),
    )
    app.delete('/api/v1/session', async (request, reply) =>
      reply.header('set-cookie', guard.endSession(request.raw)).code(204).send(),
    )
  }
}

const damageWarning = (places: number): string[] =>
  places === 0
    ? []
    : [
        `${places} ${places === 1 ? 'place' : 'places'} of the stored metrics could not be read; what they held is left out of graphs.`,
      ]
