import { Type, type Static } from 'typebox'
import { JobState } from './jobs.ts'
import { Nullable, UnixMs } from './units.ts'

const Bytes = Type.Integer({ minimum: 0 })

/** The disk that the data folder is on. */
export const Disk = Type.Object({
  totalBytes: Bytes,
  freeBytes: Bytes,
  minFreeBytes: Type.Integer({
    description:
      'Below it no samples are taken: what is left is for deletions and for the end of jobs.',
  }),
})
export type Disk = Static<typeof Disk>

/** Why no samples are taken at the moment. It ends by itself. */
export const IngestStop = Type.Object({
  since: UnixMs,
  reason: Type.String({ description: 'What is wrong, and the way out.' }),
})
export type IngestStop = Static<typeof IngestStop>

export const JobBytes = Type.Object({
  metrics: Bytes,
  log: Bytes,
  artifacts: Bytes,
  workspace: Bytes,
  total: Bytes,
})
export type JobBytes = Static<typeof JobBytes>

export const StoredJob = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: JobState,
  bytes: JobBytes,
})
export type StoredJob = Static<typeof StoredJob>

export const StorageQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, default: 1000, description: 'Most jobs to list.' }),
  ),
})
export type StorageQuery = Static<typeof StorageQuery>

/** GET /api/v1/storage: what takes the room, and what of it could not be read. */
export const Storage = Type.Object({
  dataDir: Type.String(),
  disk: Disk,
  stopped: Nullable(IngestStop),
  jobCount: Type.Integer(),
  bytes: Type.Intersect([JobBytes], { description: 'Of all jobs together.' }),
  jobs: Type.Array(StoredJob, { description: 'Those that take most first.' }),
  damage: Type.Array(
    Type.Object({
      jobId: Nullable(
        Type.String({ description: 'Null: what the samples of all jobs pass through.' }),
      ),
      what: Type.String(),
    }),
    { description: 'What could not be read since the server started; all the rest is served.' },
  ),
})
export type Storage = Static<typeof Storage>
