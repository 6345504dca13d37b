import { isMetricName } from '@plotline/wire'
import type { SeriesSummary } from '../../metrics/metric-store.ts'
import { unixMs } from '../../units.ts'
import { Fold } from './fold.ts'
import type { Chunk, JobFile } from './job-file.ts'
import { topLevel } from './levels.ts'
import { mergedByTime, NO_POINTS, PointsBuilder, type Points } from './points.ts'
import type { SeriesView } from './series-view.ts'

/** Heads that are read at once. */
const HEADS_AT_ONCE = 256

/** A series over all its time, from heads alone but for what fresh points come between. */
export function summaryOf(view: SeriesView): SeriesSummary | undefined {
  const { name, type, fresh, stored } = view
  const oldest = stored?.file.firstChunk(stored.id, 0)
  const newest = stored?.file.lastChunk(stored.id, 0)
  const firstAt = Math.min(oldest?.t0 ?? Infinity, fresh.t[0] ?? Infinity)
  const lastAt = Math.max(newest?.t1 ?? -Infinity, fresh.t.at(-1) ?? -Infinity)
  if (!isMetricName(name) || lastAt === -Infinity) return undefined
  const fold = new Fold(type)
  foldView(fold, view, newest?.t1 ?? -Infinity)
  const { last, carry, min, max, sum, count } = fold.bucket(firstAt)
  return {
    name,
    type,
    last,
    carry,
    min,
    max,
    sum,
    count,
    firstAt: unixMs(firstAt),
    lastAt: unixMs(lastAt),
  }
}

/** `newest`: the last stored time. */
function foldView(fold: Fold, { stored, fresh }: SeriesView, newest: number): void {
  if (!stored) return foldPoints(fold, fresh)
  const { file, id } = stored
  const firstFresh = fresh.t[0] ?? Infinity
  if (firstFresh >= newest) {
    for (const chunk of chunksOf(file, id, topLevel(file.grids))) foldHead(fold, chunk)
    return foldPoints(fold, fresh)
  }
  // Late points lie between stored ones: from the chunk that the first of them falls into, all is read in order.
  const mixed = new PointsBuilder()
  for (const chunk of chunksOf(file, id, 0))
    if (chunk.t1 < firstFresh) foldHead(fold, chunk)
    else mixed.append(file.points(chunk) ?? NO_POINTS)
  foldPoints(fold, mergedByTime(mixed.finish(), fresh))
}

function foldPoints(fold: Fold, points: Points): void {
  for (let i = 0; i < points.length; i++) fold.add(points, i)
}

function foldHead(fold: Fold, { head }: Chunk): void {
  fold.addBucket(head.last, head.carry, head.min, head.max, head.sum, head.samples)
}

function* chunksOf(file: JobFile, series: number, level: number): Iterable<Chunk> {
  const first = file.firstChunk(series, level)
  let chunks: readonly Chunk[] = first ? [first] : []
  for (let last = chunks.at(-1); last; last = chunks.at(-1)) {
    yield* chunks
    chunks = file.chunksAfter(last, HEADS_AT_ONCE)
  }
}
