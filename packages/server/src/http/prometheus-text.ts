import type { Jobs } from '../jobs/jobs.ts'
import type { Ingest } from '../metrics/ingest.ts'
import type { MetricReader } from '../metrics/job-metrics.ts'

/** Most running jobs whose values are told: a scrape is to stay small. */
const MAX_JOBS = 1000

type Labels = Readonly<Record<string, string>>
type Row = readonly [Labels, number]

/** Prometheus text format 0.0.4: the server itself, and the latest values of the running jobs. */
export async function prometheusText(
  ingest: Ingest,
  jobs: Jobs,
  metrics: MetricReader,
): Promise<string> {
  const [account, disk] = await Promise.all([ingest.account(), metrics.room()])
  const page = await jobs.list({
    filter: { states: ['Running'] },
    order: 'created',
    descending: true,
    limit: MAX_JOBS,
  })
  const values: Row[] = []
  const refused: Row[] = []
  const lost: Row[] = []
  for (const job of page.jobs) {
    const described = await metrics.describe(job)
    const labels = { job: job.id, job_name: job.name }
    for (const { name, last } of described.metrics)
      if (last !== null) values.push([{ ...labels, metric: name }, last])
    for (const [reason, { count }] of Object.entries(described.refused))
      refused.push([{ ...labels, reason }, count])
    for (const [by, count] of Object.entries(described.lost)) lost.push([{ ...labels, by }, count])
  }
  const states = Object.entries(page.counts).filter(([state]) => state !== 'all')
  return [
    family('plotline_datagrams_total', 'counter', 'UDP datagrams received.', [
      [{}, account.datagrams],
    ]),
    family('plotline_samples_total', 'counter', 'Samples accepted.', [[{}, account.samples]]),
    family(
      'plotline_refused_total',
      'counter',
      'Lines that belong to no known job, by reason.',
      Object.entries(account.refused).map(([reason, { count }]): Row => [{ reason }, count]),
    ),
    family('plotline_kernel_drops_total', 'counter', 'Datagrams that the kernel dropped.', [
      [{}, account.lost.kernel],
    ]),
    family('plotline_ingest_stopped', 'gauge', '1: no samples are taken, for want of room.', [
      [{}, account.stopped === null ? 0 : 1],
    ]),
    family('plotline_disk_free_bytes', 'gauge', 'Free on the disk of the data folder.', [
      [{}, disk.freeBytes],
    ]),
    family(
      'plotline_jobs',
      'gauge',
      'Jobs by state.',
      states.map(([state, count]): Row => [{ state }, count]),
    ),
    family(
      'plotline_job_refused_total',
      'counter',
      'Lines and samples of the running jobs that were not taken, by reason.',
      refused,
    ),
    family(
      'plotline_job_lost_total',
      'counter',
      'Datagrams of the running jobs that were lost, by whom.',
      lost,
    ),
    family(
      'plotline_job_metric',
      'gauge',
      'Latest value of each metric of the running jobs.',
      values,
    ),
    family('process_resident_memory_bytes', 'gauge', 'Resident memory.', [
      [{}, process.memoryUsage.rss()],
    ]),
  ].join('')
}

function family(name: string, type: string, help: string, rows: readonly Row[]): string {
  const lines = rows.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
