import { Type, type Static } from 'typebox'
import { ErrorBody } from './errors.ts'
import { Job, LogLine } from './jobs.ts'
import { JobMetrics, MetricSummary, SeriesJson } from './metrics.ts'

/**
 * The WebSocket /api/v1/live, JSON both ways. A client subscribes under an `id` of its own choosing; every message about that
 * subscription carries it. After a gap it connects again and subscribes with what it holds: `since`, `after`.
 */
const id = Type.Integer()
const jobId = Type.String()

export const LiveRequest = Type.Union([
  Type.Object({ op: Type.Literal('subscribe'), id, topic: Type.Literal('jobs') }),
  Type.Object({ op: Type.Literal('subscribe'), id, topic: Type.Literal('job'), jobId }),
  Type.Object({
    op: Type.Literal('subscribe'),
    id,
    topic: Type.Literal('metrics'),
    jobId,
    since: Type.Optional(
      Type.Number({ description: 'Unix ms: the client holds all that is older.' }),
    ),
  }),
  Type.Object({
    op: Type.Literal('subscribe'),
    id,
    topic: Type.Literal('log'),
    jobId,
    after: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The client holds up to this line.' }),
    ),
  }),
  Type.Object({ op: Type.Literal('unsubscribe'), id }),
])
export type LiveRequest = Static<typeof LiveRequest>

/**
 * New points of one metric. They replace what the client holds of it at and after `from`: a second that went over 10 samples
 * turns from single points into one bucket. Points are as received (level 0); a counter's are running totals.
 */
export const LiveSeries = Type.Intersect([
  Type.Omit(SeriesJson, ['level', 'gridMs', 'rate', 'smooth']),
  Type.Object({ from: Type.Number(), summary: MetricSummary }),
])
export type LiveSeries = Static<typeof LiveSeries>

export const LiveMessage = Type.Union([
  Type.Object({ id, type: Type.Literal('subscribed') }),
  Type.Object({ id, type: Type.Literal('job'), job: Job }),
  Type.Object({ id, type: Type.Literal('job-deleted'), jobId }),
  Type.Object({
    id,
    type: Type.Literal('metrics'),
    jobId,
    t: Type.Number({ description: "The server's clock, unix ms." }),
    series: Type.Array(LiveSeries),
    /** What GET metrics answers beside the summaries; sent when it changed. */
    status: Type.Optional(Type.Omit(JobMetrics, ['metrics'])),
    /** History changed before the points at hand (late samples, a gap too long to resume): read /metrics/data again. */
    reload: Type.Optional(Type.Boolean()),
  }),
  Type.Object({
    id,
    type: Type.Literal('log'),
    jobId,
    lines: Type.Array(LogLine),
    complete: Type.Boolean(),
  }),
  Type.Object({ id, type: Type.Literal('error'), error: Type.Index(ErrorBody, ['error']) }),
])
export type LiveMessage = Static<typeof LiveMessage>
