import fastifySwagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { API, type ServerInfo } from '@plotline/api'
import { fastify, LogController } from 'fastify'
import type { Jobs } from '../jobs/jobs.ts'
import type { Logger } from '../log.ts'
import type { Ingest } from '../metrics/ingest.ts'
import type { MetricReader } from '../metrics/job-metrics.ts'
import type { LiveHub } from '../metrics/live-hub.ts'
import { openGuard } from './guard.ts'
import { openLiveSocket } from './live-socket.ts'
import { onError } from './on-error.ts'
import { archiveRoutes } from './routes/archives.ts'
import { jobRoutes } from './routes/jobs.ts'
import { metricRoutes } from './routes/metrics.ts'
import { serverRoutes } from './routes/server.ts'
import { siteRoutes } from './routes/site.ts'
import { storageRoutes } from './routes/storage.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no key. Routes that do not say so are closed. */
    open?: boolean
  }
}

export interface AppNeeds {
  readonly jobs: Jobs
  readonly ingest: Ingest
  readonly metrics: MetricReader
  readonly hub: LiveHub
  readonly apiKey: string
  readonly allowedHosts: readonly string[]
  readonly siteDir: string
  readonly facts: Pick<ServerInfo, 'version' | 'startedAt' | 'dataDir'>
  readonly clock: () => number
  readonly log: Logger
}

const MAX_BODY_BYTES = 2 * 2 ** 20
/** Old clients put whole commands and environments into the URL. */
const MAX_HEADER_BYTES = 256 * 1024

export interface App {
  /** Resolves to the port, which is another than asked for when that was 0. */
  listen(host: string, port: number): Promise<number>
  close(): Promise<void>
}

/** All routes and the live socket behind the one guard. Not listening yet. */
export async function buildApp(needs: AppNeeds): Promise<App> {
  const { jobs, metrics, log } = needs
  const guard = openGuard(needs.apiKey, needs.allowedHosts, needs.clock)
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    ajv: { customOptions: { coerceTypes: 'array', removeAdditional: false } },
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setErrorHandler(onError)
  app.addHook('onRequest', async (request) =>
    guard.check(request.raw, request.is404 || request.routeOptions.config.open === true),
  )
  await app.register(fastifySwagger, {
    openapi: { info: { title: 'Plotline', version: needs.facts.version } },
  })
  await app.register(jobRoutes(jobs), { prefix: API })
  await app.register(archiveRoutes(jobs, metrics), { prefix: API })
  await app.register(metricRoutes(jobs, metrics), { prefix: API })
  await app.register(storageRoutes(needs), { prefix: API })
  await app.register(serverRoutes({ ...needs, guard }))
  app.get(`${API}/openapi.json`, { schema: { hide: true } }, async () => app.swagger())
  await app.register(siteRoutes(needs.siteDir))
  const letReadersGo = openLiveSocket(app.server, { ...needs, guard })
  // Before the server waits for its connections to end: a live socket never ends by itself.
  app.addHook('preClose', async () => letReadersGo())
  return {
    async listen(host, port) {
      await app.listen({ host, port })
      const address = app.server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    close: () => app.close(),
  }
}
