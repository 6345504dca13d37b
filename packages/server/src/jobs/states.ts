import type { JobState } from '@plotline/api'
import type { UnixMs } from '../units.ts'
import type { JobEnd } from './executor.ts'
import type { Job } from './job.ts'

/** What can happen to a job. */
export type JobEvent =
  | { readonly type: 'started'; readonly at: UnixMs }
  | { readonly type: 'stop-requested' }
  | { readonly type: 'ended'; readonly end: JobEnd }

/** The one table of transitions: from a state not named here nothing leads on. */
const NEXT: Readonly<Partial<Record<JobState, readonly JobEvent['type'][]>>> = {
  Pending: ['started', 'stop-requested', 'ended'],
  Running: ['stop-requested', 'ended'],
}

/** The job after the event; the same object when the event means nothing in its state. */
export function after(job: Job, event: JobEvent): Job {
  if (!NEXT[job.state]?.includes(event.type)) return job
  switch (event.type) {
    case 'started':
      return { ...job, state: 'Running', startedAt: event.at }
    case 'stop-requested':
      return job.stopRequested ? job : { ...job, stopRequested: true }
    case 'ended':
      return ended(job, event.end)
  }
}

/** A stop that a person asked for makes it Cancelled, however it then went out. */
function ended(job: Job, end: JobEnd): Job {
  const over = { ...job, finishedAt: end.at, exitCode: end.kind === 'exited' ? end.exitCode : null }
  if (job.stopRequested) return { ...over, state: 'Cancelled' }
  if (end.kind !== 'exited') return { ...over, state: 'Error', error: end.reason }
  return { ...over, state: end.exitCode === 0 ? 'Stopped' : 'Failed' }
}
