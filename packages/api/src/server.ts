import { Type, type Static } from 'typebox'
import { Refused } from './metrics.ts'
import { Disk, IngestStop } from './storage.ts'
import { Nullable } from './units.ts'

export const DEFAULT_PORT = 8400
export const DEFAULT_STATSD_PORT = 8125
export const API = '/api/v1'

/** GET /api/v1/server: what a person needs to know of the server itself. */
export const ServerInfo = Type.Object({
  version: Type.String(),
  startedAt: Type.Number(),
  dataDir: Type.String(),
  statsd: Type.Object({ host: Type.String(), port: Type.Integer() }),
  refused: Type.Record(Type.String(), Refused, {
    description: 'Lines that belong to no known job, by reason.',
  }),
  lost: Type.Object({ kernel: Type.Integer() }),
  disk: Disk,
  stopped: Nullable(IngestStop),
  warnings: Type.Array(Type.String()),
})
export type ServerInfo = Static<typeof ServerInfo>

/** POST /api/v1/session exchanges a key for the page's cookie. */
export const NewSession = Type.Object({ key: Type.String() })
export type NewSession = Static<typeof NewSession>
