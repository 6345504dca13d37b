import type { JobState } from '@plotline/api'
import type { UnixMs } from '../units.ts'
import type { JobEnd } from './executor.ts'
import type { Job } from './job.ts'

/** What can happen to a job's command. */
export type JobEvent = { readonly kind: 'started'; readonly at: UnixMs } | JobEnd

type Step = 'start' | 'success' | 'failure' | 'error' | 'cancel'

/** Every way from one state to another; what is not here does not happen. */
const NEXT: Readonly<Record<JobState, Readonly<Partial<Record<Step, JobState>>>>> = {
  Pending: {
    start: 'Running',
    success: 'Stopped',
    failure: 'Failed',
    error: 'Error',
    cancel: 'Cancelled',
  },
  Running: { success: 'Stopped', failure: 'Failed', error: 'Error', cancel: 'Cancelled' },
  Stopped: {},
  Failed: {},
  Error: {},
  Cancelled: {},
}

/** The job after the event; the same object where the event changes nothing. */
export function advance(job: Job, event: JobEvent): Job {
  const state = NEXT[job.state][stepOf(job, event)]
  if (state === undefined) return job
  if (event.kind === 'started') return { ...job, state, startedAt: event.at }
  return {
    ...job,
    state,
    exitCode: event.kind === 'exited' ? event.exitCode : null,
    error: state === 'Error' && event.kind !== 'exited' ? event.reason : null,
    finishedAt: event.at,
  }
}

/** A job whose end somebody asked for is cancelled however it ends. */
function stepOf(job: Job, event: JobEvent): Step {
  if (event.kind === 'started') return 'start'
  if (job.stopRequested) return 'cancel'
  if (event.kind !== 'exited') return 'error'
  return event.exitCode === 0 ? 'success' : 'failure'
}
