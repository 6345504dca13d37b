import type { MetricName } from '@plotline/wire'
import type { Job } from '../jobs/job.ts'
import type { JobMetricsGate } from '../jobs/job-metrics-gate.ts'
import type { Ingest } from './ingest.ts'
import type { MetricStore } from './metric-store.ts'

/** How a job's life reaches its metrics: a socket before it starts, the last tick after it ended, nothing left once deleted. */
export function openMetricsGate(ingest: Ingest, store: MetricStore): JobMetricsGate {
  return {
    statsd: ingest.statsd,
    async open(job: Job) {
      const stored = await store.summarize(job.id, [])
      const formerPort = job.statsdPort === null ? {} : { statsdPort: job.statsdPort }
      return ingest.open({
        jobId: job.id,
        declared: job.customMetrics,
        createdAt: job.createdAt,
        stored,
        ...formerPort,
      })
    },
    end: (id, at) => ingest.end(id, at),
    declare: (id, names: readonly MetricName[]) => ingest.declare(id, names),
    bytesOf: (id) => store.bytesOf(id),
    async forget(id) {
      await ingest.forget(id)
      return store.deleteJob(id)
    },
  }
}
