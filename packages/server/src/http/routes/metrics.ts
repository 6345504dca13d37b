import {
  CsvQuery,
  DataQuery,
  JobMetrics,
  MetricData,
  SamplesAccepted,
  isFinal,
} from '@plotline/api'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { isMetricName, type MetricName } from '@plotline/wire'
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { PlotlineError } from '../../errors.ts'
import type { Job } from '../../jobs/job.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import type { MetricReader } from '../../metrics/job-metrics.ts'
import { unixMs } from '../../units.ts'
import { CSV_HEADER, seriesCsv } from '../series-csv.ts'
import { seriesJson } from '../series-json.ts'

const OneJob = Type.Object({ id: Type.String() })
const END_OF_TIME = Number.MAX_SAFE_INTEGER
const MAX_LINES_BYTES = 8 * 2 ** 20

/** /api/v1/jobs/:id/metrics and its samples: what the Metrics tab draws, and the way in for networks without UDP. */
export function metricRoutes(jobs: Jobs, metrics: MetricReader): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/jobs/:id/metrics',
      { schema: { params: OneJob, response: { 200: JobMetrics } } },
      async ({ params }) => metrics.describe(await jobs.get(params.id)),
    )
    app.get(
      '/jobs/:id/metrics/data',
      { schema: { params: OneJob, querystring: DataQuery, response: { 200: MetricData } } },
      async ({ params, query, signal }) => {
        const job = await jobs.get(params.id)
        const series = await metrics.read({ ...rangeOf(job, query), ...columnsOf(query) }, signal)
        return { series: series.map(seriesJson) }
      },
    )
    app.get(
      '/jobs/:id/metrics.csv',
      { schema: { params: OneJob, querystring: CsvQuery } },
      async ({ params, query }, reply) => {
        const job = await jobs.get(params.id)
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="${job.id}.csv"`)
          .send(Readable.from(csv(metrics, job, query)))
      },
    )
    app.addContentTypeParser(
      'text/plain',
      { parseAs: 'buffer', bodyLimit: MAX_LINES_BYTES },
      (_request, body, done) => done(null, body),
    )
    app.post(
      '/jobs/:id/samples',
      {
        schema: { params: OneJob, response: { 200: SamplesAccepted } },
        bodyLimit: MAX_LINES_BYTES,
      },
      async ({ params, body }) => {
        const job = await jobs.get(params.id)
        if (!(body instanceof Uint8Array))
          throw new PlotlineError(
            'BAD_REQUEST',
            'Send StatsD lines as text/plain, one sample a line.',
          )
        if (isFinal(job.state))
          throw new PlotlineError(
            'JOB_NOT_RUNNING',
            `Job "${job.id}" takes no samples: its state is ${job.state}.`,
          )
        return metrics.accept(job.id, body)
      },
    )
  }
}

function rangeOf(job: Job, query: CsvQuery & { readonly points?: number }) {
  const names =
    query.names === undefined ? job.customMetrics : query.names.split(',').filter(isName)
  return {
    jobId: job.id,
    names: [...new Set(names)],
    from: unixMs(query.from ?? 0),
    to: unixMs(query.to ?? END_OF_TIME),
    maxPoints: query.points ?? 1000,
  }
}

/** A name that no metric can have has no samples either; a name that the job does not have is answered alike. */
const isName = (name: string): name is MetricName => isMetricName(name)

function columnsOf({ columns = '', smooth }: DataQuery) {
  const wanted = columns.split(',').filter((column) => column !== '')
  const unknown = wanted.find((column) => column !== 'rate' && column !== 'smooth')
  if (unknown !== undefined)
    throw new PlotlineError(
      'BAD_REQUEST',
      `There is no column "${unknown}". Columns beside the usual ones: rate, smooth.`,
    )
  return {
    ...(wanted.includes('rate') && { rate: true }),
    ...((wanted.includes('smooth') || smooth !== undefined) && { smooth: smooth ?? 0.6 }),
  }
}

async function* csv(metrics: MetricReader, job: Job, query: CsvQuery): AsyncIterable<string> {
  yield CSV_HEADER
  for await (const piece of metrics.readAll(rangeOf(job, query))) yield seriesCsv(piece)
}
