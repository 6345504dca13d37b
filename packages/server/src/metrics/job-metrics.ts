import type { JobMetrics, MetricSummary, SamplesAccepted } from '@plotline/api'
import type { Job } from '../jobs/job.ts'
import type { JobId } from '../units.ts'
import { compareSeries, type Compared, type CompareQuery } from './compare-series.ts'
import type { BucketBatch, JobAccount } from './bucket-batch.ts'
import type { Ingest, JobStatus } from './ingest.ts'
import type {
  Damage,
  MetricStore,
  Room,
  Series,
  SeriesQuery,
  SeriesSummary,
} from './metric-store.ts'

/** What can be asked of jobs' metrics: what is stored and what is still on its way, as one. */
export interface MetricReader {
  describe(job: Job): Promise<JobMetrics>
  read(query: SeriesQuery, signal?: AbortSignal): Promise<readonly Series[]>
  /** Metrics of several jobs, each against the time since its job began. */
  compare(query: CompareQuery, signal?: AbortSignal): Promise<Compared>
  readAll(query: Pick<SeriesQuery, 'jobId' | 'names' | 'from' | 'to'>): AsyncIterable<Series>
  accept(jobId: JobId, lines: Uint8Array): Promise<SamplesAccepted>
  room(): Promise<Room>
  damage(): Promise<readonly Damage[]>
}

/**
 * The samples of the last moment are asked of ingest before the store is read: what is committed in between then comes twice,
 * and the store drops it by its seq; the other way round it would be missing.
 */
export function openMetricReader(ingest: Ingest, store: MetricStore): MetricReader {
  return {
    async describe(job) {
      const [pending, status] = await Promise.all([ingest.pending(job.id), ingest.status(job.id)])
      const stored = await store.summarize(job.id, pending)
      return jobMetrics(
        job,
        stored.series,
        status ?? { undeclared: [], account: stored.account ?? emptyAccount(job.id) },
      )
    },
    async read(query, signal) {
      return store.read(query, await ingest.pending(query.jobId), signal)
    },
    async compare(query, signal) {
      return compareSeries(
        async (one) => store.read(one, await ingest.pending(one.jobId), signal),
        query,
      )
    },
    async *readAll(query) {
      const pending: readonly BucketBatch[] = await ingest.pending(query.jobId)
      yield* store.readAll(query, pending)
    },
    accept: (jobId, lines) => ingest.accept(jobId, lines),
    room: () => store.room(),
    damage: () => store.damage(),
  }
}

function jobMetrics(job: Job, series: readonly SeriesSummary[], status: JobStatus): JobMetrics {
  const byName = new Map(series.map((one) => [one.name, one]))
  return {
    metrics: job.customMetrics.map((name) => summaryJson(name, byName.get(name))),
    ...statusJson(status),
  }
}

/** What GET metrics answers beside the summaries. */
export function statusJson({ undeclared, account }: JobStatus): Omit<JobMetrics, 'metrics'> {
  return {
    undeclared: [...undeclared],
    refused: { ...account.refused },
    lost: { ...account.lost },
    lossMarks: [...account.lossMarks],
    received: account.received,
    batched: account.batched,
  }
}

function summaryJson(name: string, series: SeriesSummary | undefined): MetricSummary {
  if (series === undefined)
    return {
      name,
      type: null,
      last: null,
      lastAt: null,
      min: null,
      max: null,
      mean: null,
      samples: 0,
    }
  const { type, last, lastAt, min, max, sum, count } = series
  return { name, type, last, lastAt, min, max, mean: sum / count, samples: count }
}

const emptyAccount = (jobId: JobId): JobAccount => ({
  jobId,
  received: 0,
  refused: {},
  lost: { kernel: 0, client: 0 },
  lossMarks: [],
  batched: false,
})
