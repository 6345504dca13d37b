/** Gradient's states. Running ends in Stopped (exit 0), Failed (other exit) or Cancelled (by a person); Error never ran. */
export const JOB_STATES = ['Pending', 'Running', 'Stopped', 'Failed', 'Error', 'Cancelled'] as const
export type JobState = (typeof JOB_STATES)[number]

const FINAL: ReadonlySet<JobState> = new Set(['Stopped', 'Failed', 'Error', 'Cancelled'])
export const isFinal = (state: JobState): boolean => FINAL.has(state)
