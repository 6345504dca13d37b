import type { Job } from '@plotline/api'
import { graphsLink, printJson, type Context } from '../context.ts'
import { formatAgo } from '../format/duration.ts'
import { bytesText } from '@plotline/api/names'
import { paintState } from '../format/paint.ts'
import { formatFields } from '../format/table.ts'
import { plainLine } from '../format/width.ts'
import { durationOf } from './list-jobs.ts'

export async function showJob(context: Context, id: string): Promise<void> {
  const job = await context.server.getJob(id)
  if (context.json) return printJson(context, job)
  for (const line of formatFields(fieldsOf(context, job))) context.terminal.print(line)
}

function fieldsOf(context: Context, job: Job): [string, string][] {
  const { terminal, now } = context
  const at = now()
  const exit = job.exitCode === null ? '' : ` (exit ${job.exitCode})`
  const known: [string, string | null][] = [
    ['id', job.id],
    ['name', plainLine(job.name)],
    ['project', plainLine(job.project)],
    ['state', paintState(terminal.paint, job.state) + exit],
    ['error', job.error],
    ['command', plainLine(job.command)],
    ['workspace', job.workspace],
    ['metrics', job.customMetrics.join(', ') || null],
    ['tags', job.tags.map(plainLine).join(', ') || null],
    ...Object.entries(job.env).map(([name, value]): [string, string] => [
      'env',
      `${name}=${plainLine(value)}`,
    ]),
    ['cloned from', job.parentId],
    ['created', timeOf(job.createdAt, at)],
    ['started', timeOf(job.startedAt, at)],
    ['finished', timeOf(job.finishedAt, at)],
    ['duration', job.startedAt === null ? null : durationOf(job, at)],
    ['on disk', bytesText(job.bytes)],
    ['graphs', graphsLink(context, job)],
  ]
  return known.flatMap(([name, value]) => (value === null ? [] : [[name, value]]))
}

const timeOf = (t: number | null, now: number): string | null =>
  t === null ? null : `${new Date(t).toISOString()} (${formatAgo(t, now)})`
