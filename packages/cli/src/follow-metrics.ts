import { isFinal, type Job, type LiveSeries } from '@plotline/api'
import type { Context } from './context.ts'
import { connectionNotes, jobDeleted } from './follow-job.ts'
import { openLive, type Live } from './live-client.ts'
import { failed } from './problem.ts'
import { problemLines } from './server-client.ts'

const JOB = 1
const METRICS = 2
/** Asked for when the job is over: what it brings is the last there is. */
const LAST_METRICS = 3
/** A second that was open at the last update may have begun this long before it. */
const OPEN_SECOND_MS = 2000

export interface FollowMetricsOptions {
  readonly job: Job
  /** Points before this time are held already. */
  readonly since: number
  readonly onSeries: (series: readonly LiveSeries[]) => void
  readonly onJob: (job: Job) => void
  /** More changed than an update can carry: what is held is to be read anew. */
  readonly onReload: () => void
}

/** Follows the metrics of a job until it is over and its last points are told. */
export function followMetrics(context: Context, options: FollowMetricsOptions): Live {
  const jobId = options.job.id
  let since = options.since
  let id = isFinal(options.job.state) ? LAST_METRICS : METRICS

  const live = openLive({
    address: context.server.address,
    now: context.now,
    ...connectionNotes(context),
    requests: () => [
      { op: 'subscribe', id: JOB, topic: 'job', jobId },
      { op: 'subscribe', id, topic: 'metrics', jobId, since },
    ],
    onMessage: (message) => {
      switch (message.type) {
        case 'job':
          options.onJob(message.job)
          if (isFinal(message.job.state) && id === METRICS) {
            id = LAST_METRICS
            live.subscribeAgain()
          }
          return false
        case 'metrics':
          since = Math.max(since, message.t - OPEN_SECOND_MS)
          options.onSeries(message.series)
          if (message.reload === true) options.onReload()
          return message.id === LAST_METRICS
        case 'job-deleted':
          throw jobDeleted(jobId)
        case 'error':
          throw failed(...problemLines(message.error))
        case 'subscribed':
        case 'log':
          return false
      }
    },
  })
  return live
}
