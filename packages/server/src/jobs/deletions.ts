import type { Logger } from '../log.ts'
import type { JobId } from '../units.ts'
import type { Executor } from './executor.ts'
import type { JobMetricsGate } from './job-metrics-gate.ts'
import type { JobStore } from './job-store.ts'
import type { Records } from './records.ts'
import type { Runs } from './runs.ts'
import type { Sizes } from './sizes.ts'

export interface Deletion {
  readonly bytesFreed: number
}

/** Jobs on their way out: buried first, then all that anybody keeps of them erased. */
export interface Deletions {
  /** Resolves when the job's bytes are free; asked again meanwhile, with the same answer. JOB_NOT_FOUND. */
  delete(id: JobId): Promise<Deletion>
  /** Goes on with a deletion that an earlier server began, behind the start of this one. */
  takeUp(id: JobId): void
  /** Removes all of a buried job, or of one that never came to be. */
  erase(id: JobId): Promise<Deletion>
}

export interface DeletionsNeeds {
  readonly store: JobStore
  readonly records: Records
  readonly runs: Runs
  readonly executor: Executor
  readonly metrics: JobMetricsGate
  readonly sizes: Sizes
  readonly log: Logger
  /** From then on the store is gone; the next server finishes what this one began. */
  readonly closing: AbortSignal
}

export function openDeletions(needs: DeletionsNeeds): Deletions {
  const { store, records, runs, executor, metrics, sizes, log, closing } = needs
  const begun = new Map<JobId, Promise<Deletion>>()

  return {
    delete: (id) => begun.get(id) ?? begin(id, buryThenErase(id)),
    takeUp: (id) => {
      begin(id, erase(id)).catch((error: unknown) => {
        if (!closing.aborted) log.error({ err: error, job: id }, 'a deletion could not be finished')
      })
    },
    erase,
  }

  function begin(id: JobId, work: Promise<Deletion>): Promise<Deletion> {
    const deletion = work.finally(() => begun.delete(id))
    begun.set(id, deletion)
    return deletion
  }

  async function buryThenErase(id: JobId): Promise<Deletion> {
    await records.bury(id)
    return erase(id)
  }

  async function erase(id: JobId): Promise<Deletion> {
    await executor.stop(id)
    // Before the job is waited for: on a full disk its last samples may wait for the room that this makes.
    const metricBytes = await metrics.forget(id)
    await runs.over(id)
    const lateBytes = await metrics.forget(id)
    const otherBytes = await executor.remove(id)
    await store.remove(id)
    sizes.forget(id)
    return { bytesFreed: metricBytes + lateBytes + otherBytes }
  }
}
