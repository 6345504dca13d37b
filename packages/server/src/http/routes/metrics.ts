import {
  CompareQuery,
  Comparison,
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
import { unixMs, type UnixMs } from '../../units.ts'
import { CSV_HEADER, seriesCsv } from '../series-csv.ts'
import { seriesJson } from '../series-json.ts'

const OneJob = Type.Object({ id: Type.String() })
const END_OF_TIME = Number.MAX_SAFE_INTEGER
const DEFAULT_POINTS = 1000
const MAX_COMPARED_JOBS = 20
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
      '/compare',
      { schema: { querystring: CompareQuery, response: { 200: Comparison } } },
      async ({ query, signal }) => {
        const compared = await Promise.all(idsOf(query.jobs).map((id) => jobs.get(id)))
        const origins = compared.map((job) => ({ jobId: job.id, origin: originOf(job) }))
        const { gridMs, series } = await metrics.compare(
          {
            jobs: origins,
            names: namesOf(query.names, compared[0]),
            from: query.from ?? -END_OF_TIME,
            to: query.to ?? END_OF_TIME,
            maxPoints: query.points ?? DEFAULT_POINTS,
            ...columnsOf(query),
          },
          signal,
        )
        return {
          gridMs,
          jobs: compared.map((job) => ({ id: job.id, name: job.name, origin: originOf(job) })),
          series: series.map((one) => ({ ...seriesJson(one), jobId: one.jobId })),
        }
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
  return {
    jobId: job.id,
    names: namesOf(query.names, job),
    from: unixMs(query.from ?? 0),
    to: unixMs(query.to ?? END_OF_TIME),
    maxPoints: query.points ?? DEFAULT_POINTS,
  }
}

function namesOf(names: string | undefined, job: Job | undefined): MetricName[] {
  const wanted = names === undefined ? job?.customMetrics : names.split(',').filter(isName)
  return [...new Set(wanted)]
}

function idsOf(text: string): string[] {
  const ids = [...new Set(text.split(',').filter((id) => id !== ''))]
  if (ids.length > 0 && ids.length <= MAX_COMPARED_JOBS) return ids
  throw new PlotlineError(
    'BAD_REQUEST',
    `Name 1 to ${MAX_COMPARED_JOBS} jobs to compare, not ${ids.length}.`,
  )
}

const originOf = ({ startedAt, createdAt }: Job): UnixMs => startedAt ?? createdAt

/** A name that no metric can have has no samples either; a name that the job does not have is answered alike. */
const isName = (name: string): name is MetricName => isMetricName(name)

function columnsOf({ columns = '', smooth }: Pick<DataQuery, 'columns' | 'smooth'>) {
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

async function* csv(
  metrics: MetricReader,
  job: Job,
  query: CsvQuery,
): AsyncIterable<string | Uint8Array> {
  yield CSV_HEADER
  for await (const piece of metrics.readAll(rangeOf(job, query))) yield seriesCsv(piece)
}
