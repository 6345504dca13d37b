import type { JobId } from '../units.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { IngestClock } from './ingest-clock.ts'
import type { Intake } from './intake.ts'
import type { Drops } from './statsd-sockets.ts'

/** Writes what was lost to the server's account, and to that of each job that may have lost by it. */
export class Losses {
  readonly #intake: Intake
  readonly #changes: ChangeFeed
  readonly #clock: IngestClock

  constructor(intake: Intake, changes: ChangeFeed, clock: IngestClock) {
    this.#intake = intake
    this.#changes = changes
    this.#clock = clock
  }

  /** Whose datagrams the kernel dropped of the shared socket, nobody knows: they may have been any job's. */
  dropped({ shared, own }: Drops): void {
    const at = this.#clock.now()
    if (shared > 0) this.#intake.server.lose('kernel', shared, at)
    for (const [jobId, fromOwn] of own) {
      if (fromOwn > 0) this.#intake.server.lose('kernel', fromOwn, at)
      if (shared + fromOwn === 0) continue
      this.#intake.get(jobId)?.account?.lose('kernel', shared + fromOwn, at)
      this.#changes.changed(jobId)
    }
  }

  /** Ticks had to be merged: so many buckets lost their own place in time. */
  merged(jobIds: readonly JobId[], lostBuckets: number): void {
    const at = this.#clock.now()
    this.#intake.server.lose('overload', lostBuckets, at)
    for (const jobId of jobIds) this.#intake.get(jobId)?.account?.lose('overload', lostBuckets, at)
  }
}
