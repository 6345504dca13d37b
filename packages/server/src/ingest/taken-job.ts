import { JobAggregate } from '../metrics/aggregate-job.ts'
import type { JobStatus, OpenJob } from '../metrics/ingest.ts'
import type { JobId } from '../units.ts'
import { Account } from './account.ts'

/** A job that is open: its samples are taken. */
export interface TakenJob {
  readonly jobId: JobId
  readonly account: Account
  readonly aggregate: JobAggregate
}

/** Goes on from what the store holds of the job. */
export const takeUp = (job: OpenJob): TakenJob => ({
  jobId: job.jobId,
  account: job.stored.account ? Account.resume(job.stored.account) : new Account(),
  aggregate: new JobAggregate(job),
})

export const statusOf = ({ jobId, account, aggregate }: TakenJob): JobStatus => ({
  undeclared: aggregate.undeclared(),
  account: account.snapshot(jobId),
})
