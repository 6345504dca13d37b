import type { JobMetrics, SeriesJson } from '@plotline/api'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { printJson, type Context } from '../context.ts'
import { writeWhole } from '../files/write-whole.ts'
import { csvRows } from '../format/csv-rows.ts'
import { formatAgo } from '../format/duration.ts'
import { bytesText } from '@plotline/api/names'
import { formatNumber } from '../format/number.ts'
import { formatTable, type Column } from '../format/table.ts'
import { plainLine } from '../format/width.ts'

interface RangeFlags {
  readonly names?: string
  readonly from?: number
  readonly to?: number
}

export interface GetFlags extends RangeFlags {
  readonly points?: number
}

export interface ExportFlags extends RangeFlags {
  readonly output?: string
}

const left = (title: string): Column => ({ title })
const right = (title: string): Column => ({ title, align: 'right' })

export async function listMetrics(context: Context, id: string): Promise<void> {
  const answer = await context.server.metrics(id)
  if (context.json) return printJson(context, answer)
  const { terminal, now } = context
  if (answer.metrics.length === 0) terminal.note('This job has no custom metrics.')
  else for (const line of metricsTable(answer, now())) terminal.print(line)
  for (const line of troubles(answer)) terminal.note(line)
}

function metricsTable({ metrics }: JobMetrics, now: number): string[] {
  const columns = [left('NAME'), left('TYPE'), ...['LAST', 'MIN', 'MAX', 'MEAN'].map(right)]
  return formatTable(
    [...columns, right('SAMPLES'), left('LAST SAMPLE')],
    metrics.map((metric) => [
      metric.name,
      metric.type ?? '-',
      ...[metric.last, metric.min, metric.max, metric.mean].map(formatNumber),
      String(metric.samples),
      metric.lastAt === null ? 'none yet' : formatAgo(metric.lastAt, now),
    ]),
  )
}

/** What a person should know beside the numbers: samples that no graph shows. */
function troubles({ undeclared, refused, lost }: JobMetrics): string[] {
  const lines: string[] = []
  if (undeclared.length > 0)
    lines.push(`Also sent, but not declared: ${undeclared.map(({ name }) => name).join(', ')}`)
  for (const [reason, { count, lastLine, hint }] of Object.entries(refused)) {
    const latest = lastLine === null ? '' : `, the latest: ${plainLine(lastLine)}`
    lines.push(`Refused (${reason}): ${count}${latest}${hint === undefined ? '' : ` (${hint})`}`)
  }
  if (lost.kernel > 0) lines.push(`Lost in the receive buffer: ${lost.kernel}`)
  if (lost.client > 0) lines.push(`Lost by the client: ${lost.client}`)
  return lines
}

export async function getMetrics(context: Context, id: string, flags: GetFlags): Promise<void> {
  const data = await context.server.metricData(id, {
    ...rangeOf(flags),
    ...(flags.points === undefined ? {} : { points: flags.points }),
  })
  if (context.json) return printJson(context, data)
  if (data.series.every(({ t }) => t.length === 0)) return context.terminal.note('No samples.')
  for (const line of dataTable(data.series)) context.terminal.print(line)
}

function dataTable(series: readonly SeriesJson[]): string[] {
  const columns = [left('METRIC'), left('TIME'), ...['LAST', 'MIN', 'MAX', 'MEAN'].map(right)]
  return formatTable([...columns, right('COUNT')], series.flatMap(rowsOf))
}

const rowsOf = ({ name, t, last, min, max, mean, count }: SeriesJson): string[][] =>
  t.map((time, at) => [
    name,
    new Date(time).toISOString(),
    ...[last, min, max, mean, count].map((column) => formatNumber(column[at] ?? null)),
  ])

/** Every stored point, streamed: as CSV, or as one JSON object a line. */
export async function exportMetrics(
  context: Context,
  id: string,
  flags: ExportFlags,
): Promise<void> {
  const csv = Readable.from(await context.server.metricsCsv(id, rangeOf(flags)))
  const source = context.json ? Readable.from(csvRows(csv)) : csv
  if (flags.output === undefined || flags.output === '-') return context.terminal.copyOut(source)
  const { sizeBytes } = await writeWhole(source, resolve(context.folder, flags.output))
  context.terminal.note(`Wrote ${bytesText(sizeBytes)} to ${flags.output}`)
}

const rangeOf = ({ names, from, to }: RangeFlags): RangeFlags => ({
  ...(names === undefined
    ? {}
    : {
        names: names
          .split(',')
          .map((name) => name.trim())
          .join(','),
      }),
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
})
