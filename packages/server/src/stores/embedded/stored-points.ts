import type { ChunkHead } from './codec/head-codec.ts'
import { plus, ZERO, type ExactSum } from './exact-sum.ts'
import type { JobFile } from './job-file.ts'
import { between, indexOfTime, joined, NO_POINTS, type Points } from './points.ts'

/** What a level of a stored series holds with a time in [from, to); damaged chunks are left out. */
export function storedPoints(
  file: JobFile,
  series: number,
  level: number,
  from: number,
  to: number,
): Points {
  return joined(
    file
      .chunks(series, level, from, to)
      .map((chunk) => between(file.points(chunk) ?? NO_POINTS, from, to)),
  )
}

/** A stored counter's exact total of everything before the time `t`. */
export function storedTotalBefore(file: JobFile, series: number, t: number): ExactSum {
  const chunk = file.chunkBefore(series, 0, t)
  if (!chunk) return ZERO
  if (chunk.t1 < t) return totalAfter(chunk.head)
  const points = file.points(chunk) ?? NO_POINTS
  const before: ExactSum = { hi: chunk.head.before, lo: chunk.head.beforeCarry }
  return sumOfLast(points, 0, indexOfTime(points, t), before)
}

/** The running total once all of the chunk is counted. */
export function totalAfter(head: ChunkHead): ExactSum {
  return plus({ hi: head.before, lo: head.beforeCarry }, head.last, head.carry)
}

/** `start` and the increments of points [from, to). */
export function sumOfLast(points: Points, from: number, to: number, start: ExactSum): ExactSum {
  let sum = start
  for (let i = from; i < to; i++) sum = plus(sum, points.last[i] ?? 0, points.carry[i] ?? 0)
  return sum
}
