import {
  Job as JobSchema,
  JobDeleted,
  JobPage,
  JobPatch,
  JobQuery,
  JOB_STATES,
  LogPage,
  LogQuery,
  NewJob,
  type JobState,
} from '@plotline/api'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { PlotlineError } from '../../errors.ts'
import { jobJson } from '../../jobs/job-json.ts'
import type { JobListing, JobOrder } from '../../jobs/job-store.ts'
import type { Job } from '../../jobs/job.ts'
import type { Jobs } from '../../jobs/jobs.ts'

const OneJob = Type.Object({ id: Type.String() })
const ORDERS: readonly JobOrder[] = ['created', 'started', 'finished', 'name', 'state']

/** /api/v1/jobs: submit, list, read, change, stop, clone, delete, logs. */
export function jobRoutes(jobs: Jobs): FastifyPluginAsyncTypebox {
  const json = async (job: Job) => jobJson(job, (await jobs.bytesOf(job)).total)

  return async (app) => {
    app.post(
      '/jobs',
      { schema: { body: NewJob, response: { 201: JobSchema } } },
      async ({ body }, reply) => reply.code(201).send(await json(await jobs.submit(body))),
    )
    app.get(
      '/jobs',
      { schema: { querystring: JobQuery, response: { 200: JobPage } } },
      async ({ query }) => {
        const page = await jobs.list(listingOf(query))
        return {
          jobs: await Promise.all(page.jobs.map(json)),
          nextCursor: page.nextCursor,
          counts: { ...page.counts },
        }
      },
    )
    app.get(
      '/jobs/:id',
      { schema: { params: OneJob, response: { 200: JobSchema } } },
      async ({ params }) => json(await jobs.get(params.id)),
    )
    app.patch(
      '/jobs/:id',
      { schema: { params: OneJob, body: JobPatch, response: { 200: JobSchema } } },
      async ({ params, body }) => json(await jobs.patch(params.id, body)),
    )
    app.delete(
      '/jobs/:id',
      { schema: { params: OneJob, response: { 200: JobDeleted } } },
      async ({ params }) => jobs.delete(params.id),
    )
    app.post(
      '/jobs/:id/stop',
      { schema: { params: OneJob, response: { 200: JobSchema } } },
      async ({ params }) => json(await jobs.stop(params.id)),
    )
    app.post(
      '/jobs/:id/clone',
      { schema: { params: OneJob, response: { 201: JobSchema } } },
      async ({ params }, reply) => reply.code(201).send(await json(await jobs.clone(params.id))),
    )
    app.get(
      '/jobs/:id/logs',
      { schema: { params: OneJob, querystring: LogQuery, response: { 200: LogPage } } },
      async ({ params, query }) => jobs.readLog(params.id, query),
    )
    app.get('/jobs/:id/log.txt', { schema: { params: OneJob } }, async ({ params }, reply) => {
      const job = await jobs.get(params.id)
      return reply
        .type('text/plain; charset=utf-8')
        .header('content-disposition', `attachment; filename="${job.id}.log"`)
        .send(Readable.from(await jobs.logText(job.id)))
    })
  }
}

function listingOf(query: JobQuery): JobListing {
  const sort = query.sort ?? '-created'
  const order = ORDERS.find((known) => known === sort.replace(/^-/, '')) ?? 'created'
  return {
    filter: {
      states: statesOf(query.state),
      ...(query.tag && { tag: query.tag }),
      ...(query.q && { text: query.q }),
      ...(query.project && { project: query.project }),
    },
    order,
    descending: sort.startsWith('-'),
    ...(query.cursor && { cursor: query.cursor }),
    limit: query.limit ?? 50,
  }
}

/** `running,failed` in any case. */
function statesOf(text = ''): JobState[] {
  const words = text.split(',').filter((word) => word !== '')
  return words.map((word) => {
    const state = JOB_STATES.find((known) => known.toLowerCase() === word.trim().toLowerCase())
    if (state) return state
    throw new PlotlineError(
      'BAD_REQUEST',
      `There is no job state "${word}". States: ${JOB_STATES.join(', ')}.`,
    )
  })
}
