import { Storage, StorageQuery } from '@plotline/api'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { jobsBySize } from '../../jobs/jobs-by-size.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import type { Ingest } from '../../metrics/ingest.ts'
import type { MetricReader } from '../../metrics/job-metrics.ts'
import { isJobId } from '../../units.ts'

interface Needs {
  readonly ingest: Ingest
  readonly jobs: Jobs
  readonly metrics: MetricReader
  readonly facts: { readonly dataDir: string }
}

const DEFAULT_JOBS = 1000

/** /api/v1/storage: what takes the room, and what could not be read. */
export function storageRoutes({ ingest, jobs, metrics, facts }: Needs): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/storage',
      { schema: { querystring: StorageQuery, response: { 200: Storage } } },
      async ({ query }) => {
        const [disk, { stopped }, damage, { largest, jobCount, bytes }] = await Promise.all([
          metrics.room(),
          ingest.account(),
          metrics.damage(),
          jobsBySize(jobs, query.limit ?? DEFAULT_JOBS),
        ])
        return {
          dataDir: facts.dataDir,
          disk,
          stopped,
          jobCount,
          bytes,
          jobs: largest.map(({ job, bytes: ofJob }) => ({
            id: job.id,
            name: job.name,
            state: job.state,
            bytes: ofJob,
          })),
          damage: damage.map(({ job, what }) => ({ jobId: isJobId(job) ? job : null, what })),
        }
      },
    )
  }
}
