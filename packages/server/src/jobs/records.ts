import { jobNotFound } from '../errors.ts'
import { isJobId, type JobId } from '../units.ts'
import type { Job } from './job.ts'
import type { JobStore } from './job-store.ts'

export type JobsEvent =
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'deleted'; readonly id: JobId }

/** The jobs as they are written down; whoever listens is told of each change. */
export interface Records {
  create(make: (number: number) => Job): Promise<Job>
  find(id: JobId): Promise<Job | undefined>
  /** JOB_NOT_FOUND. */
  get(id: string): Promise<Job>
  /** As {@link JobStore.update}. */
  change(id: JobId, to: (job: Job) => Job): Promise<Job | undefined>
  /** As {@link change}; JOB_NOT_FOUND. */
  changeKnown(id: string, to: (job: Job) => Job): Promise<Job>
  /** From now on nobody sees the job any more; JOB_NOT_FOUND. */
  bury(id: JobId): Promise<void>
  /** Tells of what came into the store by another way. */
  tell(event: JobsEvent): void
  /** Returns the way to stop listening. */
  onChange(listener: (event: JobsEvent) => void): () => void
  /** Nobody is told of anything any more. */
  close(): void
}

export function openRecords(store: JobStore): Records {
  const listeners = new Set<(event: JobsEvent) => void>()

  return {
    create: async (make) => {
      const job = await store.create(make)
      tell({ type: 'job', job })
      return job
    },
    find: (id) => store.get(id),
    get: async (id) => known(id, isJobId(id) ? await store.get(id) : undefined),
    change,
    changeKnown: async (id, to) => known(id, isJobId(id) ? await change(id, to) : undefined),
    bury: async (id) => {
      if (!(await store.bury(id))) throw jobNotFound(id)
      tell({ type: 'deleted', id })
    },
    tell,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => listeners.clear(),
  }

  async function change(id: JobId, to: (job: Job) => Job): Promise<Job | undefined> {
    let changed = false
    const job = await store.update(id, (latest) => {
      const next = to(latest)
      changed = next !== latest
      return next
    })
    if (job !== undefined && changed) tell({ type: 'job', job })
    return job
  }

  function tell(event: JobsEvent): void {
    for (const listener of listeners) listener(event)
  }
}

function known(id: string, job: Job | undefined): Job {
  if (job === undefined) throw jobNotFound(id)
  return job
}
