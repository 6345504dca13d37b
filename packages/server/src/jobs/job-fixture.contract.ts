import { unixMs, type JobId } from '../units.ts'
import type { Job } from './job.ts'

/** A plain job for the contract suites and tests, with what they care about replaced. */
export const jobFixture = (changes: Partial<Job> = {}): Job => ({
  id: 'jaaaaaaaaaaaa' as JobId,
  name: 'job 1',
  project: 'default',
  state: 'Pending',
  exitCode: null,
  error: null,
  command: 'true',
  container: null,
  workspace: null,
  env: {},
  secrets: [],
  customMetrics: [],
  tags: [],
  parentId: null,
  createdAt: unixMs(1),
  startedAt: null,
  finishedAt: null,
  statsdPort: null,
  stopRequested: false,
  ...changes,
})
