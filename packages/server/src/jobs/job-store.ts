import type { JobState } from '@plotline/api'
import type { JobId } from '../units.ts'
import type { Job } from './job.ts'

export interface JobFilter {
  /** Any of these; empty: all. */
  readonly states: readonly JobState[]
  readonly tag?: string
  /** Part of name, id or command, without regard to case. */
  readonly text?: string
  readonly project?: string
}

export type JobOrder = 'created' | 'started' | 'finished' | 'name' | 'state'

export interface JobListing {
  readonly filter: JobFilter
  readonly order: JobOrder
  readonly descending: boolean
  /** `nextCursor` of the page before. A cursor that is not one of ours is a BAD_REQUEST. */
  readonly cursor?: string
  readonly limit: number
}

export interface JobPage {
  readonly jobs: readonly Job[]
  readonly nextCursor: string | null
  /** By state, and `all`: under the filter less its states. */
  readonly counts: Readonly<Record<string, number>>
}

/** Keeps jobs. One folder per implementation; all must pass job-store.contract.ts. Writes resolve when they survive a crash. */
export interface JobStore {
  /** Stores a job under a number of its own, ascending from 1 and never reused, for its default name. */
  create(make: (number: number) => Job): Promise<Job>
  /** As `create`, but {@link buried}: nobody sees it before {@link unbury}. Undefined where the id is taken, by a buried job too. */
  createBuried(make: (number: number) => Job): Promise<Job | undefined>
  get(id: JobId): Promise<Job | undefined>
  /**
   * Reads the job, applies `change` and stores what it returns, with no other write between. Returning the same object writes
   * nothing. Undefined when there is no such job.
   */
  update(id: JobId, change: (job: Job) => Job): Promise<Job | undefined>
  list(listing: JobListing): Promise<JobPage>
  /** All jobs in these states, oldest first. */
  inStates(states: readonly JobState[]): Promise<readonly Job[]>
  /** Ids of the latest jobs in a final state, latest first. */
  endedIds(limit: number): Promise<readonly JobId[]>
  /** Marks the job as being deleted: get, list and counts no longer know it. */
  bury(id: JobId): Promise<boolean>
  /** Makes a buried job one like the others. */
  unbury(id: JobId): Promise<boolean>
  /** Jobs that are buried: deletions that a crash cut short, and jobs that never came to be. */
  buried(): Promise<readonly JobId[]>
  /** Forgets a buried job for good. */
  remove(id: JobId): Promise<void>
  close(): Promise<void>
}
