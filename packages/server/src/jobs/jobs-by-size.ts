import type { JobBytes } from '@plotline/api'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'

export interface MeasuredJob {
  readonly job: Job
  readonly bytes: JobBytes
}

export interface JobsBySize {
  /** The largest first, at most as many as asked for. */
  readonly largest: readonly MeasuredJob[]
  readonly jobCount: number
  /** Of all jobs. */
  readonly bytes: JobBytes
}

const JOBS_AT_ONCE = 1000
/** To measure one is to walk its folders. */
const MEASURED_AT_ONCE = 8

/** Measures all jobs, as far as their sizes are not known yet. */
export async function jobsBySize(
  jobs: Pick<Jobs, 'list' | 'bytesOf'>,
  limit: number,
): Promise<JobsBySize> {
  const measured: MeasuredJob[] = []
  for await (const some of pagesOf(jobs)) measured.push(...(await measure(jobs, some)))
  return {
    largest: measured.toSorted((a, b) => b.bytes.total - a.bytes.total).slice(0, limit),
    jobCount: measured.length,
    bytes: measured.map(({ bytes }) => bytes).reduce(sum, NOTHING),
  }
}

async function* pagesOf(jobs: Pick<Jobs, 'list'>): AsyncIterable<readonly Job[]> {
  let cursor: string | undefined
  do {
    const page = await jobs.list({
      filter: { states: [] },
      order: 'created',
      descending: true,
      limit: JOBS_AT_ONCE,
      ...(cursor !== undefined && { cursor }),
    })
    yield page.jobs
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}

async function measure(jobs: Pick<Jobs, 'bytesOf'>, some: readonly Job[]): Promise<MeasuredJob[]> {
  const measured: MeasuredJob[] = []
  for (let i = 0; i < some.length; i += MEASURED_AT_ONCE) {
    const now = some.slice(i, i + MEASURED_AT_ONCE)
    measured.push(
      ...(await Promise.all(now.map(async (job) => ({ job, bytes: await jobs.bytesOf(job) })))),
    )
  }
  return measured
}

const NOTHING: JobBytes = { metrics: 0, log: 0, artifacts: 0, workspace: 0, total: 0 }

const sum = (a: JobBytes, b: JobBytes): JobBytes => ({
  metrics: a.metrics + b.metrics,
  log: a.log + b.log,
  artifacts: a.artifacts + b.artifacts,
  workspace: a.workspace + b.workspace,
  total: a.total + b.total,
})
