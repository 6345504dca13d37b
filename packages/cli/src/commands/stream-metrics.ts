import type { LiveSeries, MetricSummary } from '@plotline/api'
import { printJson, type Context } from '../context.ts'
import { followMetrics } from '../follow-metrics.ts'
import { openPointNews, type Point } from '../format/live-points.ts'
import { formatNumber } from '../format/number.ts'
import { watchMetrics } from './watch-metrics.ts'

export interface StreamFlags {
  readonly names?: string
  readonly watch?: boolean
}

/** Prints a line for each change of a metric until the job is over; on a terminal, on wish, a picture that moves. */
export async function streamMetrics(
  context: Context,
  id: string,
  flags: StreamFlags,
): Promise<void> {
  const job = await context.server.getJob(id)
  const { metrics } = await context.server.metrics(id)
  const wanted = wantedOf(flags.names)
  const summaries = metrics.filter(({ name }) => wanted(name))
  if (flags.watch === true && context.terminal.isWatched && !context.json)
    return watchMetrics(context, job, summaries)

  const news = openPointNews()
  const since = summaries.reduce((latest, { lastAt }) => Math.max(latest, lastAt ?? 0), 0)
  for (const update of summaries.flatMap(latestOf))
    for (const point of news(update)) printPoint(context, update, point)
  const live = followMetrics(context, {
    job,
    since,
    onJob: () => undefined,
    onReload: () => context.terminal.note('Too much changed at once: some points are left out.'),
    onSeries: (series) => {
      for (const update of series.filter(({ name }) => wanted(name)))
        for (const point of news(update)) printPoint(context, update, point)
    },
  })
  await live.finished
}

function wantedOf(names: string | undefined): (name: string) => boolean {
  if (names === undefined) return () => true
  const wanted = new Set(names.split(',').map((name) => name.trim()))
  return (name) => wanted.has(name)
}

/** Where the stream begins: the value that each metric has now. */
function latestOf(summary: MetricSummary): LiveSeries[] {
  const { name, type, last, lastAt } = summary
  if (type === null || last === null || lastAt === null) return []
  const [value, time] = [[last], [lastAt]]
  const columns = { t: time, last: value, min: value, max: value, mean: value, count: [1] }
  return [{ name, type, ...columns, from: lastAt, summary }]
}

function printPoint(context: Context, { name, type }: LiveSeries, point: Point): void {
  if (context.json) return printJson(context, { name, type, ...point })
  const { t, last, count, min, max } = point
  const spread =
    count > 1 ? `  (${count} samples, ${formatNumber(min)} to ${formatNumber(max)})` : ''
  const { terminal } = context
  const time = terminal.paint('dim', new Date(t).toISOString())
  terminal.print(`${time}  ${name}  ${formatNumber(last)}${spread}`)
}
