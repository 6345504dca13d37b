import { ARCHIVE_TYPE, ExportQuery, Job as JobSchema } from '@plotline/api'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { noRoomToImport, PlotlineError } from '../../errors.ts'
import { jobJson } from '../../jobs/job-json.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import type { MetricReader } from '../../metrics/job-metrics.ts'

/** A whole job out of this server and into another, as one tar file of any size. */
export function archiveRoutes(jobs: Jobs, metrics: MetricReader): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/jobs/:id/export',
      { schema: { params: Type.Object({ id: Type.String() }), querystring: ExportQuery } },
      async ({ params, query }, reply) => {
        const archive = await jobs.pack(params.id, query.secrets ?? false)
        return reply
          .type(ARCHIVE_TYPE)
          .header('content-disposition', `attachment; filename="${params.id}.tar"`)
          .send(archive)
      },
    )
    app.addContentTypeParser(ARCHIVE_TYPE, (_request, body, done) => done(null, body))
    app.post(
      '/jobs/import',
      { schema: { response: { 201: JobSchema } }, bodyLimit: Number.MAX_SAFE_INTEGER },
      async ({ body, headers }, reply) => {
        if (!(body instanceof Readable))
          throw new PlotlineError('BAD_REQUEST', `Send the archive of a job as ${ARCHIVE_TYPE}.`)
        await checkRoom(metrics, Number(headers['content-length'] ?? 0))
        try {
          const job = await jobs.unpack(body)
          return reply.code(201).send(jobJson(job, (await jobs.bytesOf(job)).total))
        } finally {
          body.resume() // who is still sending would not hear the answer otherwise
        }
      },
    )
  }
}

async function checkRoom(metrics: MetricReader, sizeBytes: number): Promise<void> {
  const { freeBytes, minFreeBytes } = await metrics.room()
  if (sizeBytes <= freeBytes - minFreeBytes) return
  throw noRoomToImport()
}
