import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useLiveState, useLiveTopic } from '../live/use-live.tsx'
import { forgetJob, jobsKey, keepJob } from '../rest/jobs.ts'

/** Between two readings of the list: many jobs may start or end in one second. */
const SETTLE_MS = 1000

/** Rows follow their jobs at once; counts, order and new rows come with the next reading of the list. */
export function useLiveJobs(): void {
  const client = useQueryClient()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
  const live = useLiveState()
  const restored = live.kind === 'live' ? live.restored : undefined
  useEffect(() => {
    // Anything may have happened in the gap, and the line tells only what happens from now on.
    if (restored !== undefined) void client.invalidateQueries({ queryKey: jobsKey })
  }, [restored, client])
  useLiveTopic({ topic: 'jobs' }, (message) => {
    if (message.type === 'job') keepJob(client, message.job)
    else if (message.type === 'job-deleted') forgetJob(client, message.jobId)
    else return
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      void client.invalidateQueries({ queryKey: jobsKey })
    }, SETTLE_MS)
  })
}
