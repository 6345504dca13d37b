import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PlotlineError } from '../../errors.ts'

/** All that the page needs comes from here; inline styles are how the charts and the long lists place things. */
const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'"

/** The page: hashed assets for good, and index.html for every path that the page itself routes. It holds no secrets. */
export function siteRoutes(siteDir: string): FastifyPluginAsync {
  const isBuilt = existsSync(join(siteDir, 'index.html'))

  return async (app) => {
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true }
    })
    if (isBuilt) {
      await app.register(fastifyStatic, {
        root: siteDir,
        index: false,
        cacheControl: false,
        setHeaders: (reply, path) => reply.setHeader('cache-control', cacheRule(path)),
      })
      app.get('/', async (_request, reply) => page(reply))
    }
    app.setNotFoundHandler(async (request, reply) => {
      const wantsPage =
        request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
      if (isBuilt && wantsPage && !request.url.startsWith('/api/')) return page(reply)
      const [path = ''] = request.url.split('?')
      const hint = isBuilt ? '' : ' The page is not built: run "npm run build".'
      throw new PlotlineError('NOT_FOUND', `There is nothing at ${request.method} ${path}.${hint}`)
    })
  }
}

const page = (reply: FastifyReply): FastifyReply =>
  reply
    .header('content-security-policy', CSP)
    .header('cache-control', 'no-cache')
    .sendFile('index.html')

/** The build puts a hash of the content into the names of assets. */
const cacheRule = (path: string): string =>
  path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
