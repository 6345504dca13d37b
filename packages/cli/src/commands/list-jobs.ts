import { JOB_STATES, type Job, type JobPage, type JobQuery } from '@plotline/api'
import { printJson, type Context } from '../context.ts'
import { formatAgo, formatDuration } from '../format/duration.ts'
import { paintState } from '../format/paint.ts'
import { formatTable } from '../format/table.ts'
import { cutText, plainLine } from '../format/width.ts'

export interface ListFlags {
  readonly state?: readonly string[]
  readonly tag?: string
  readonly q?: string
  readonly project?: string
  readonly sort?: string
  readonly limit: number
  readonly all?: boolean
}

const MAX_PAGE = 1000
const MAX_NAME_WIDTH = 40
const MAX_METRICS_WIDTH = 40

export async function listJobs(context: Context, flags: ListFlags): Promise<void> {
  const page = await readPages(context, flags)
  if (context.json) return printJson(context, page)
  const { terminal } = context
  const total = totalOf(page, flags)
  if (page.jobs.length === 0) return terminal.note('No jobs match.')
  for (const line of jobsTable(context, page.jobs)) terminal.print(line)
  if (page.nextCursor !== null)
    terminal.note(`${page.jobs.length} of ${total} jobs. All of them: --all`)
}

/** As many pages as it takes to have `limit` jobs, or all. */
export async function readPages(context: Context, flags: ListFlags): Promise<JobPage> {
  const wanted = flags.all === true ? Infinity : flags.limit
  const jobs: Job[] = []
  let cursor: string | null = null
  for (;;) {
    const limit = Math.min(MAX_PAGE, wanted - jobs.length)
    const page: JobPage = await context.server.listJobs(queryOf(flags, limit, cursor))
    jobs.push(...page.jobs)
    if (page.nextCursor === null || jobs.length >= wanted) return { ...page, jobs }
    cursor = page.nextCursor
  }
}

function queryOf(flags: ListFlags, limit: number, cursor: string | null): JobQuery {
  return {
    limit,
    ...(flags.state === undefined ? {} : { state: flags.state.join(',') }),
    ...(flags.tag === undefined ? {} : { tag: flags.tag }),
    ...(flags.q === undefined ? {} : { q: flags.q }),
    ...(flags.project === undefined ? {} : { project: flags.project }),
    ...(flags.sort === undefined ? {} : { sort: flags.sort }),
    ...(cursor === null ? {} : { cursor }),
  }
}

/** The server counts by state under the other filters. */
function totalOf({ counts }: JobPage, { state }: ListFlags): number {
  if (state === undefined) return counts['all'] ?? 0
  const wanted = new Set(state.flatMap((list) => list.toLowerCase().split(',')))
  return JOB_STATES.filter((known) => wanted.has(known.toLowerCase())).reduce(
    (sum, known) => sum + (counts[known] ?? 0),
    0,
  )
}

function jobsTable({ terminal, now }: Context, jobs: readonly Job[]): string[] {
  const at = now()
  const columns = ['STATE', 'ID', 'NAME', 'METRICS', 'STARTED', 'DURATION']
  const rows = jobs.map((job) => [
    paintState(terminal.paint, job.state),
    job.id,
    cutText(plainLine(job.name), MAX_NAME_WIDTH),
    cutText(job.customMetrics.join(','), MAX_METRICS_WIDTH),
    job.startedAt === null ? '-' : formatAgo(job.startedAt, at),
    durationOf(job, at),
  ])
  return formatTable(
    columns.map((title) => ({ title })),
    rows,
  )
}

export function durationOf({ startedAt, finishedAt }: Job, now: number): string {
  return startedAt === null ? '-' : formatDuration((finishedAt ?? now) - startedAt)
}
