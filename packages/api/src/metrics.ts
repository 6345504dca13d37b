import { Type, type Static } from 'typebox'
import { Nullable, UnixMs } from './units.ts'

const Numbers = Type.Array(Type.Number())

export const MetricType = Type.Enum(['counter', 'gauge'])
export type MetricType = 'counter' | 'gauge'

/** A counter's values are its running total since the job began, so its min, max and mean are those of the line drawn. */
export const MetricSummary = Type.Object({
  name: Type.String(),
  type: Nullable(MetricType),
  last: Nullable(Type.Number()),
  lastAt: Nullable(UnixMs),
  min: Nullable(Type.Number()),
  max: Nullable(Type.Number()),
  mean: Nullable(Type.Number()),
  samples: Type.Integer(),
})
export type MetricSummary = Static<typeof MetricSummary>

export const Refused = Type.Object({
  count: Type.Integer(),
  lastLine: Nullable(
    Type.String({ description: 'The latest such line, cut to 200 bytes, escaped.' }),
  ),
  hint: Type.Optional(Type.String()),
})
export type Refused = Static<typeof Refused>

export const LossMark = Type.Object({
  t: UnixMs,
  kind: Type.Enum(['kernel', 'client', 'overload', 'storage']),
  count: Type.Integer(),
})
export type LossMark = Static<typeof LossMark>

export const UndeclaredMetric = Type.Object({
  name: Type.String(),
  type: MetricType,
  last: Type.Number(),
  samples: Type.Integer(),
})
export type UndeclaredMetric = Static<typeof UndeclaredMetric>

export const JobMetrics = Type.Object({
  metrics: Type.Array(MetricSummary, { description: 'The declared ones, in their order.' }),
  undeclared: Type.Array(UndeclaredMetric),
  refused: Type.Record(Type.String(), Refused, {
    description: 'By reason; only those that happened.',
  }),
  lost: Type.Object({ kernel: Type.Integer(), client: Type.Integer() }),
  lossMarks: Type.Array(LossMark, { description: 'When samples were lost, oldest first.' }),
  received: Type.Integer({ description: 'Samples accepted for this job.' }),
  batched: Type.Boolean({
    description: 'Its client holds samples back and sends them in batches.',
  }),
})
export type JobMetrics = Static<typeof JobMetrics>

export const DataQuery = Type.Object({
  names: Type.Optional(Type.String({ description: 'Comma separated; default all declared.' })),
  from: Type.Optional(UnixMs),
  to: Type.Optional(UnixMs),
  points: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: 1000 })),
  columns: Type.Optional(
    Type.String({ description: 'Further columns: "rate", "smooth", or both.' }),
  ),
  smooth: Type.Optional(
    Type.Number({ minimum: 0, maximum: 0.999, description: 'Weight of the past.' }),
  ),
})
export type DataQuery = Static<typeof DataQuery>

/** Columns of equal length, ascending in t. */
export const SeriesJson = Type.Object({
  name: Type.String(),
  type: MetricType,
  level: Type.Integer({ description: '0: as received; k: from stored buckets, coarser with k.' }),
  gridMs: Type.Number({ description: 'Width of one bucket; 0: points as received.' }),
  t: Numbers,
  last: Numbers,
  min: Numbers,
  max: Numbers,
  mean: Numbers,
  count: Numbers,
  rate: Type.Optional(Type.Array(Nullable(Type.Number()))),
  smooth: Type.Optional(Numbers),
  estimated: Type.Optional(
    Type.Array(Type.Integer({ minimum: 0, maximum: 1 }), {
      description:
        '1: the time was estimated, since the client sends in batches. Absent where none was.',
    }),
  ),
})
export type SeriesJson = Static<typeof SeriesJson>

export const MetricData = Type.Object({ series: Type.Array(SeriesJson) })
export type MetricData = Static<typeof MetricData>

const RelativeMs = Type.Number({ description: "Ms since each job's own beginning." })

export const CompareQuery = Type.Object({
  jobs: Type.String({ description: 'Ids, comma separated, at most 20.' }),
  names: Type.Optional(
    Type.String({ description: 'Comma separated; default all that the first job declares.' }),
  ),
  from: Type.Optional(RelativeMs),
  to: Type.Optional(RelativeMs),
  points: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: 1000 })),
  columns: DataQuery.properties.columns,
  smooth: DataQuery.properties.smooth,
})
export type CompareQuery = Static<typeof CompareQuery>

export const Comparison = Type.Object({
  gridMs: Type.Number({ description: 'Width of a bucket of all series; 0: points as received.' }),
  jobs: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), origin: UnixMs }), {
    description: 'Origin: when it started, or was submitted where it never did.',
  }),
  series: Type.Array(Type.Intersect([SeriesJson, Type.Object({ jobId: Type.String() })]), {
    description: 't is ms since the origin of its job; on a grid a multiple of gridMs.',
  }),
})
export type Comparison = Static<typeof Comparison>

export const CsvQuery = Type.Object({
  names: Type.Optional(Type.String()),
  from: Type.Optional(UnixMs),
  to: Type.Optional(UnixMs),
})
export type CsvQuery = Static<typeof CsvQuery>

export const SamplesAccepted = Type.Object({
  accepted: Type.Integer({ description: 'Samples.' }),
  refused: Type.Array(
    Type.Object({
      line: Type.String({ description: 'The line at fault.' }),
      number: Type.Integer({ description: 'Its number in the body, from 1.' }),
      reason: Type.String(),
    }),
  ),
})
export type SamplesAccepted = Static<typeof SamplesAccepted>
