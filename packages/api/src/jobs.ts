import { Type, type Static } from 'typebox'
import { JOB_STATES, type JobState as State } from './job-states.ts'
import { Nullable, UnixMs } from './units.ts'

export const JobState = Type.Enum([...JOB_STATES])
export type JobState = State

export const Job = Type.Object({
  id: Type.String({ description: '"j" and 12 of a-z 0-9.' }),
  name: Type.String(),
  project: Type.String(),
  state: JobState,
  exitCode: Nullable(Type.Integer()),
  error: Nullable(Type.String({ description: 'Why the job is in state Error.' })),
  command: Type.String(),
  container: Nullable(Type.String()),
  workspace: Nullable(
    Type.String({ description: 'Working directory on the host; null: a folder of its own.' }),
  ),
  env: Type.Record(Type.String(), Type.String(), { description: 'Secret values are "********".' }),
  customMetrics: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
  parentId: Nullable(Type.String({ description: 'The job that this one was cloned from.' })),
  createdAt: UnixMs,
  startedAt: Nullable(UnixMs),
  finishedAt: Nullable(UnixMs),
  bytes: Type.Integer({ description: 'Disk that deleting the job gives back, as last measured.' }),
})
export type Job = Static<typeof Job>

export const NewJob = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 200 })),
    project: Type.Optional(Type.String({ maxLength: 200 })),
    command: Type.Union([
      Type.String({ minLength: 1, maxLength: 1_000_000, description: 'A line for /bin/sh.' }),
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'A program and its arguments, without a shell.',
      }),
    ]),
    container: Type.Optional(Nullable(Type.String())),
    workspace: Type.Optional(
      Nullable(
        Type.String({ description: 'Absolute path, or "none" for a folder of its own (default).' }),
      ),
    ),
    env: Type.Optional(Type.Record(Type.String(), Type.String())),
    secrets: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Names in env whose values are never shown again.',
      }),
    ),
    customMetrics: Type.Optional(
      Type.Unknown({ description: 'A list of names, or one string: "testMetric1, testMetric2".' }),
    ),
    tags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 50 }),
    ),
  },
  { additionalProperties: false },
)
export type NewJob = Static<typeof NewJob>

export const JobPatch = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    tags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 50 }),
    ),
    customMetrics: Type.Optional(
      Type.Unknown({ description: 'Names to add to those declared already.' }),
    ),
  },
  { additionalProperties: false },
)
export type JobPatch = Static<typeof JobPatch>

export const JobQuery = Type.Object({
  state: Type.Optional(Type.String({ description: 'Comma separated states.' })),
  tag: Type.Optional(Type.String()),
  q: Type.Optional(Type.String({ description: 'Part of the name, id or command.' })),
  project: Type.Optional(Type.String()),
  sort: Type.Optional(
    Type.String({
      pattern: '^-?(created|started|finished|name|state)$',
      description: 'A leading "-" is descending. Default -created.',
    }),
  ),
  cursor: Type.Optional(Type.String({ description: 'nextCursor of the page before.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50 })),
})
export type JobQuery = Static<typeof JobQuery>

export const JobPage = Type.Object({
  jobs: Type.Array(Job),
  nextCursor: Nullable(Type.String()),
  counts: Type.Record(Type.String(), Type.Integer(), {
    description: 'Jobs by state, and "all", under the other filters.',
  }),
})
export type JobPage = Static<typeof JobPage>

export const JobDeleted = Type.Object({ bytesFreed: Type.Integer() })
export type JobDeleted = Static<typeof JobDeleted>

export const LogLine = Type.Object({
  n: Type.Integer({ description: 'Number of the line, from 1.' }),
  t: UnixMs,
  stream: Type.Enum(['stdout', 'stderr', 'plotline']),
  text: Type.String({
    description: 'Without its line break; ANSI sequences as the job wrote them.',
  }),
})
export type LogLine = Static<typeof LogLine>

export const LogQuery = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only lines after this one.' })),
  tail: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: 'The last lines instead.' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 })),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1000, description: 'Only lines that hold this text.' }),
  ),
})
export type LogQuery = Static<typeof LogQuery>

export const LogPage = Type.Object({
  lines: Type.Array(LogLine),
  total: Type.Integer({ description: 'Lines in the whole log so far.' }),
  next: Type.Integer({ description: 'Pass as `after` to go on.' }),
  complete: Type.Boolean({
    description: 'The job is over and this page reaches the end of its log.',
  }),
})
export type LogPage = Static<typeof LogPage>

/** GET /api/v1/jobs/:id/export: the whole job as one tar file, which POST /api/v1/jobs/import of any server takes. */
export const ExportQuery = Type.Object({
  secrets: Type.Optional(
    Type.Boolean({ default: false, description: 'With the values of secret variables.' }),
  ),
})
export type ExportQuery = Static<typeof ExportQuery>
export const ARCHIVE_TYPE = 'application/x-tar'
