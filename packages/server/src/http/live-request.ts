import type { LiveRequest } from '@plotline/api'

const JOB_TOPICS = ['job', 'metrics', 'log']

/**
 * Whether a message is a request of the live protocol. By hand, since the schema library's checker costs every server 9 MB and
 * 0.1 s at its start for this one place; live-request.test.ts holds the two together.
 */
export function isLiveRequest(message: unknown): message is LiveRequest {
  if (!isObject(message) || !Number.isInteger(message['id'])) return false
  if (message['op'] === 'unsubscribe') return true
  if (message['op'] !== 'subscribe') return false
  if (message['topic'] === 'jobs') return true
  return (
    JOB_TOPICS.some((topic) => topic === message['topic']) &&
    typeof message['jobId'] === 'string' &&
    hasGoodStart(message)
  )
}

/** Where the reader left off: a time for metrics, a line for a log. */
function hasGoodStart({ topic, since, after }: Record<string, unknown>): boolean {
  if (topic === 'metrics')
    return since === undefined || (typeof since === 'number' && Number.isFinite(since))
  if (topic === 'log')
    return (
      after === undefined || (typeof after === 'number' && Number.isInteger(after) && after >= 0)
    )
  return true
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
