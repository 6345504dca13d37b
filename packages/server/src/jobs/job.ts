import type { JobState } from '@plotline/api'
import type { MetricName } from '@plotline/wire'
import type { JobId, UnixMs } from '../units.ts'

/** A job as the store keeps it. */
export interface Job {
  readonly id: JobId
  readonly name: string
  readonly project: string
  readonly state: JobState
  readonly exitCode: number | null
  /** Why it is in state Error. */
  readonly error: string | null
  /** A line for /bin/sh, or a program and its arguments. */
  readonly command: string | readonly string[]
  readonly container: string | null
  /** Working directory on the host; null: a folder of its own. */
  readonly workspace: string | null
  readonly env: Readonly<Record<string, string>>
  /** Names in `env` whose values are never shown again. */
  readonly secrets: readonly string[]
  readonly customMetrics: readonly MetricName[]
  readonly tags: readonly string[]
  readonly parentId: JobId | null
  readonly createdAt: UnixMs
  readonly startedAt: UnixMs | null
  readonly finishedAt: UnixMs | null
  /** The port of its own StatsD socket, once it had one. */
  readonly statsdPort: number | null
  /** Somebody asked for its end: it becomes Cancelled however it exits. */
  readonly stopRequested: boolean
}
