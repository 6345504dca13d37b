import { isFinal, type Job, type LogLine } from '@plotline/api'
import type { Context } from './context.ts'
import { openLive, type Live, type LiveOptions } from './live-client.ts'
import { failed, type Problem } from './problem.ts'
import { problemLines } from './server-client.ts'

const JOB = 1
const LOG = 2

export interface FollowOptions {
  readonly job: Job
  /** The last line that is held already, 0 for none. */
  readonly after: number
  readonly onLine: (line: LogLine) => void
  readonly onJob: (job: Job) => void
}

/** Follows a job's log and state until it is over and every line is told: each once, in order, whatever happens to the connection. */
export function followJob(context: Context, options: FollowOptions): Live {
  let held = options.after
  let isOver = isFinal(options.job.state)
  let isLogComplete = false
  const jobId = options.job.id

  const live = openLive({
    address: context.server.address,
    now: context.now,
    ...connectionNotes(context),
    requests: () => [
      { op: 'subscribe', id: JOB, topic: 'job', jobId },
      { op: 'subscribe', id: LOG, topic: 'log', jobId, after: held },
    ],
    onMessage: (message) => {
      switch (message.type) {
        case 'job':
          options.onJob(message.job)
          // The log may have ended before the state was final: asked again, the server says that it is complete.
          if (isFinal(message.job.state) && !isOver) live.subscribeAgain()
          isOver = isFinal(message.job.state)
          break
        case 'log':
          for (const line of message.lines) {
            if (line.n <= held) continue
            held = line.n
            options.onLine(line)
          }
          isLogComplete = message.complete
          break
        case 'job-deleted':
          throw jobDeleted(jobId)
        case 'error':
          throw failed(...problemLines(message.error))
        case 'subscribed':
        case 'metrics':
          break
      }
      return isOver && isLogComplete
    },
  })
  return live
}

export const jobDeleted = (id: string): Problem => failed(`Job ${id} was deleted.`)

export const connectionNotes = ({
  terminal,
  server,
}: Context): Pick<LiveOptions, 'onLost' | 'onBack'> => ({
  onLost: () => terminal.note(`Lost the connection to ${server.address.url}. Connecting again…`),
  onBack: () => terminal.note('Connected again.'),
})
