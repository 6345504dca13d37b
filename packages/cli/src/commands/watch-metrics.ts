import type { Job, LiveSeries, MetricSummary } from '@plotline/api'
import type { Context } from '../context.ts'
import { followMetrics } from '../follow-metrics.ts'
import { pointsOf, type Point } from '../format/live-points.ts'
import { formatNumber } from '../format/number.ts'
import { paintState } from '../format/paint.ts'
import { sparkline } from '../format/sparkline.ts'
import { cutText, plainLine, textWidth } from '../format/width.ts'
import { durationOf } from './list-jobs.ts'

/** More columns than any terminal has; what is older moves out. */
const MAX_POINTS = 500
const MAX_NAME_WIDTH = 24
const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_BELOW = '\u001b[J'

interface Track {
  readonly name: string
  summary: MetricSummary
  points: readonly Point[]
}

/** Draws each metric as a line of blocks that moves in place, until the job is over or Ctrl-C. */
export async function watchMetrics(
  context: Context,
  first: Job,
  summaries: readonly MetricSummary[],
): Promise<void> {
  const { terminal } = context
  const tracks = new Map(
    summaries.map((summary): [string, Track] => [
      summary.name,
      { name: summary.name, summary, points: [] },
    ]),
  )
  let job = first
  const draw = openPicture(context)
  const redraw = (): void => draw(picture(context, job, [...tracks.values()]))
  const readHistory = async (): Promise<void> => {
    await fillTracks(context, job.id, tracks)
    redraw()
  }

  await readHistory()
  const live = followMetrics(context, {
    job,
    since: latestTime(tracks),
    onJob: (change) => {
      job = change
      redraw()
    },
    onReload: () => void readHistory().catch(() => live.close()),
    onSeries: (series) => {
      for (const update of series) extend(tracks.get(update.name), update)
      redraw()
    },
  })
  const release = terminal.onInterrupt(() => live.close())
  terminal.write(HIDE_CURSOR)
  try {
    await live.finished
  } finally {
    terminal.write(SHOW_CURSOR)
    release()
  }
}

/** Draws lines over the ones drawn before. */
function openPicture({ terminal }: Context): (lines: readonly string[]) => void {
  let height = 0
  return (lines) => {
    const up = height === 0 ? '' : `\u001b[${height}A`
    terminal.write(`${up}\r${CLEAR_BELOW}${lines.map((line) => `${line}\n`).join('')}`)
    height = lines.length
  }
}

async function fillTracks(
  { server }: Context,
  id: string,
  tracks: ReadonlyMap<string, Track>,
): Promise<void> {
  if (tracks.size === 0) return
  const names = [...tracks.keys()].join(',')
  const { series } = await server.metricData(id, { names, points: MAX_POINTS })
  for (const one of series) {
    const track = tracks.get(one.name)
    if (track !== undefined) track.points = pointsOf(one).slice(-MAX_POINTS)
  }
}

/** Points at and after `from` are replaced by the update's. */
function extend(track: Track | undefined, update: LiveSeries): void {
  if (track === undefined) return
  const kept = track.points.filter(({ t }) => t < update.from)
  track.points = [...kept, ...pointsOf(update)].slice(-MAX_POINTS)
  track.summary = update.summary
}

const latestTime = (tracks: ReadonlyMap<string, Track>): number =>
  [...tracks.values()].reduce((latest, { points }) => Math.max(latest, points.at(-1)?.t ?? 0), 0)

function picture(context: Context, job: Job, tracks: readonly Track[]): string[] {
  const { terminal, now } = context
  const width = terminal.columns()
  const state = paintState(terminal.paint, job.state)
  const title = cutText(plainLine(job.name), Math.max(8, width - 40))
  const head = `${title}  ${state}  ${durationOf(job, now())}`
  if (tracks.length === 0) return [head, 'This job has no custom metrics.']

  // One row stays free for the cursor, one is the head.
  const room = Math.max(1, terminal.rows() - 2)
  const shown = tracks.length > room ? tracks.slice(0, room - 1) : tracks
  const nameWidth = Math.min(MAX_NAME_WIDTH, Math.max(...shown.map(({ name }) => name.length)))
  const hidden = tracks.length - shown.length
  const more = hidden === 0 ? [] : [terminal.paint('dim', `${hidden} more: see --names`)]
  return [head, ...shown.map((track) => trackLine(context, track, nameWidth, width)), ...more]
}

function trackLine({ terminal }: Context, track: Track, nameWidth: number, width: number): string {
  const name = cutText(track.name, nameWidth).padEnd(nameWidth)
  const { last, min, max } = track.summary
  const numbers =
    last === null
      ? 'waiting for the first sample'
      : `${formatNumber(last)}  (${formatNumber(min)} to ${formatNumber(max)})`
  const room = width - textWidth(name) - textWidth(numbers) - 5
  const line = sparkline(
    track.points.map((point) => point.last),
    Math.max(4, Math.min(room, MAX_POINTS)),
  )
  return `${name}  ${terminal.paint('cyan', line)}  ${numbers}`
}
