import { rangesOf, regridded } from './fold.ts'
import { ZERO } from './exact-sum.ts'
import type { Chunk, ChunkKey, StoredSeries } from './job-file.ts'
import type { JobFileWriter } from './job-file-writer.ts'
import { CHUNK_POINTS, gridOf, MAX_CHUNK_POINTS, topLevel } from './levels.ts'
import {
  between,
  indexOfTime,
  joined,
  mergedByTime,
  NO_POINTS,
  sliced,
  sortedByTime,
  type Points,
} from './points.ts'
import { storedPoints, totalAfter } from './stored-points.ts'

/** Rows of heads that are read at once when a counter's totals move. */
const HEADS_AT_ONCE = 256

/** Puts buckets, in order of arrival, into all levels of a series. To be called inside a transaction. */
export function sealSeries(file: JobFileWriter, series: StoredSeries, fresh: Points): void {
  if (fresh.length === 0) return
  const points = sortedByTime(fresh)
  let below = mergeIntoChunks(file, series, 0, points)
  if (series.type === 'counter') {
    moveTotals(file, series, points.t[0] ?? 0, points.t.at(-1) ?? 0)
  }
  let touched = points
  for (let level = 1; level <= topLevel(file.grids); level++) {
    touched = cellsAgain(file, series, level, touched, below)
    below = mergeIntoChunks(file, series, level, touched)
  }
}

/**
 * The cells of `level` that hold a time of `touched`, and some between, computed from all of the level below. `newest`: what that holds
 * after the time of its first.
 */
function cellsAgain(
  file: JobFileWriter,
  series: StoredSeries,
  level: number,
  touched: Points,
  newest: Points,
): Points {
  const gridMs = gridOf(file.grids, level)
  const known = newest.t[0] ?? Infinity
  const parts = Array.from(rangesOf(touched, gridMs), ([from, to]) => {
    const below =
      from > known ? between(newest, from, to) : storedPoints(file, series.id, level - 1, from, to)
    return regridded(below, series.type, gridMs)
  })
  return joined(parts)
}

/**
 * Level 0: adds; else replaces the cells of the same time. `points` ascend in t. Gives what the level holds after the time of the first
 * of it; none where that is not at hand.
 */
function mergeIntoChunks(
  file: JobFileWriter,
  series: StoredSeries,
  level: number,
  points: Points,
): Points {
  const newest = file.lastChunk(series.id, level)
  if (!newest || (points.t[0] ?? 0) >= newest.t0)
    return mergeIntoChunk(file, series, level, points, newest, false)
  let start = 0
  while (start < points.length) {
    const t = points.t[start] ?? 0
    const owner = file.chunkBefore(series.id, level, t, true) ?? file.firstChunk(series.id, level)
    const [next] = owner ? file.chunksAfter(owner, 1) : []
    const end = next ? indexOfTime(points, Math.max(next.t0, t + 1)) : points.length
    mergeIntoChunk(file, series, level, sliced(points, start, end), owner, next !== undefined)
    start = end
  }
  return NO_POINTS
}

function mergeIntoChunk(
  file: JobFileWriter,
  series: StoredSeries,
  level: number,
  points: Points,
  owner: Chunk | undefined,
  isInner: boolean,
): Points {
  const isFull = owner && !isInner && owner.points >= CHUNK_POINTS
  const goesAfter = owner && (points.t[0] ?? 0) >= owner.t1 + (level === 0 ? 0 : 1)
  const stored = owner && !(isFull && goesAfter) ? pointsOrRebuilt(file, series, owner) : undefined
  // A damaged chunk of level 0 stays as it is, for whoever may mend it; what is new goes beside it.
  let id = stored && owner?.id
  const merged = mergedByTime(stored ?? NO_POINTS, points, level > 0)
  for (const part of isInner ? split(merged) : inFullChunks(merged)) {
    file.putChunk(id, series, level, part, id === undefined ? undefined : owner?.head)
    id = undefined
  }
  return merged
}

/** Cells whose bytes are damaged are computed again: beside them, their head would count them twice. */
function pointsOrRebuilt(
  file: JobFileWriter,
  { id, type }: StoredSeries,
  chunk: Chunk,
): Points | undefined {
  const points = file.points(chunk)
  if (points || chunk.level === 0) return points
  const gridMs = gridOf(file.grids, chunk.level)
  const below = storedPoints(file, id, chunk.level - 1, chunk.t0, chunk.t1 + gridMs)
  return regridded(below, type, gridMs)
}

/** Chunks of 1024, the last of what is left. */
function* inFullChunks(points: Points): Iterable<Points> {
  for (let start = 0; start < points.length; start += CHUNK_POINTS)
    yield sliced(points, start, Math.min(points.length, start + CHUNK_POINTS))
}

/** Even parts of 1024 or more; one where that is not too long. */
function* split(points: Points): Iterable<Points> {
  const parts = points.length > MAX_CHUNK_POINTS ? Math.floor(points.length / CHUNK_POINTS) : 1
  for (let i = 0; i < parts; i++)
    yield sliced(
      points,
      Math.floor((points.length * i) / parts),
      Math.floor((points.length * (i + 1)) / parts),
    )
}

/** Makes a counter's totals before each chunk right again, where points with times in [first, last] were added. */
function moveTotals(file: JobFileWriter, series: StoredSeries, first: number, last: number): void {
  let previous: ChunkKey = file.chunkBefore(series.id, 0, first) ?? beforeAll(series.id)
  let total = previous.head ? totalAfter(previous.head) : ZERO
  for (;;) {
    const chunks = file.chunksAfter(previous, HEADS_AT_ONCE)
    for (const { head, ...key } of chunks) {
      const isRight = head.before === total.hi && head.beforeCarry === total.lo
      if (isRight && key.t0 > last) return
      const right = { ...head, before: total.hi, beforeCarry: total.lo }
      if (!isRight) file.setHead(key.id, key, right)
      total = totalAfter(right)
      previous = { ...key, head: right }
    }
    if (chunks.length < HEADS_AT_ONCE) return
  }
}

const beforeAll = (series: number): ChunkKey => ({
  id: 0,
  series,
  level: 0,
  t0: -Number.MAX_VALUE,
  t1: -Number.MAX_VALUE,
})
