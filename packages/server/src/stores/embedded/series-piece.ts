import type { Series } from '../../metrics/metric-store.ts'
import { asReceived } from './drawn-series.ts'
import { indexOfTime, type Points } from './points.ts'
import { pointsOf, type SeriesView } from './series-view.ts'

/** Where a piece begins: the points of time `from` but the first `skip` of them. */
export interface PieceStart {
  readonly from: number
  readonly to: number
  readonly skip: number
}

export interface Piece {
  readonly series: Series | undefined
  /** Where the next begins; undefined after the last. */
  readonly next: PieceStart | undefined
}

const MAX_PIECE_POINTS = 4096
/** Stored chunks that a piece looks at. */
const CHUNKS_AT_ONCE = 5

export function pieceOf(view: SeriesView, start: PieceStart): Piece {
  const { from, to, skip } = start
  const end = Math.min(to, boundaryAfter(view, from, to))
  const points = pointsOf(view, 0, from, end)
  const stop = Math.min(points.length, skip + MAX_PIECE_POINTS)
  const series = asReceived(view, points, skip, stop)
  if (stop < points.length) return { series, next: { to, ...positionAfter(points, stop) } }
  return { series, next: end < to ? { from: end, to, skip: 0 } : undefined }
}

/** A time up to which a few chunks hold everything, later than `from`. */
function boundaryAfter({ stored }: SeriesView, from: number, to: number): number {
  if (!stored) return to
  const chunks = stored.file.chunks(stored.id, 0, from, to, CHUNKS_AT_ONCE)
  const last = chunks.at(-1)
  if (!last || chunks.length < CHUNKS_AT_ONCE) return to
  if (last.t0 > from) return last.t0
  // One time fills all of these chunks.
  return last.t1 > from ? last.t1 : last.t1 + 1
}

/** After the first `stop` points. */
function positionAfter(points: Points, stop: number): { from: number; skip: number } {
  const from = points.t[stop - 1] ?? 0
  return { from, skip: stop - indexOfTime(points, from) }
}
