import { PlotlineError } from '../errors.ts'
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
    async copy(id, path) {
      if ((await ingest.status(id)) !== undefined) await ingest.settle()
      const { freeBytes, minFreeBytes } = await store.room()
      if ((await store.bytesOf(id)) > freeBytes - minFreeBytes) throw noRoomForCopy()
      return store.copyJob(id, path)
    },
    async adopt(id, path) {
      await store.adoptJob(id, path)
      await ingest.remember([id])
    },
    async forget(id) {
      await ingest.forget(id)
      return store.deleteJob(id)
    },
  }
}

const noRoomForCopy = (): PlotlineError =>
  new PlotlineError(
    'STORAGE_FULL',
    'There is no room left for a copy of the metrics, which an export needs. Free space on the disk, or delete jobs.',
  )
