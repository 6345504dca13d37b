import { isFinal, type JobBytes } from '@plotline/api'
import type { JobId, UnixMs } from '../units.ts'
import type { Job } from './job.ts'

/** Most jobs whose size is remembered; the one measured longest ago goes first. */
const MAX_REMEMBERED = 20_000
/** A list of jobs is asked for often, and to measure one is to walk its folders. */
const FRESH_MS = 10_000
const SETTLED_FRESH_MS = 600_000
/** Nothing of a job changes so long after its end; before, its last samples are still moved into their place. */
const SETTLED_AFTER_MS = 120_000

export interface Sizes {
  of(job: Job): Promise<JobBytes>
  forget(id: JobId): void
}

interface Measured {
  readonly at: UnixMs
  readonly settled: boolean
  readonly bytes: Promise<JobBytes>
}

/** Remembers what `measure` said, for a while. */
export function openSizes(measure: (id: JobId) => Promise<JobBytes>, clock: () => UnixMs): Sizes {
  const known = new Map<JobId, Measured>()
  return {
    of: (job) => {
      const last = known.get(job.id)
      if (last !== undefined && isFresh(last, job)) return last.bytes
      return remember(job)
    },
    forget: (id) => void known.delete(id),
  }

  function isFresh({ at, settled }: Measured, job: Job): boolean {
    if (settled !== isSettled(job)) return false
    return clock() - at < (settled ? SETTLED_FRESH_MS : FRESH_MS)
  }

  function isSettled({ state, finishedAt }: Job): boolean {
    return isFinal(state) && clock() - (finishedAt ?? 0) > SETTLED_AFTER_MS
  }

  function remember(job: Job): Promise<JobBytes> {
    const bytes = measure(job.id)
    known.delete(job.id)
    known.set(job.id, { at: clock(), settled: isSettled(job), bytes })
    for (const oldest of known.keys()) {
      if (known.size <= MAX_REMEMBERED) break
      known.delete(oldest)
    }
    bytes.catch(() => known.delete(job.id))
    return bytes
  }
}
