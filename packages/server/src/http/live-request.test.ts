import { LiveRequest } from '@plotline/api'
import { Value } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { isLiveRequest } from './live-request.ts'

const ids = [1, -1, 1.5, '1', undefined, null]
const ops = ['subscribe', 'unsubscribe', 'x', undefined]
const topics = ['jobs', 'job', 'metrics', 'log', 'x', undefined]
const jobIds = ['j1', 5, undefined]
const starts = [
  {},
  { since: 1.5 },
  { since: 'x' },
  { after: 3 },
  { after: -1 },
  { after: 1.5 },
  { since: null },
]

describe('isLiveRequest', () => {
  it('agrees with the schema of the API on every combination', () => {
    for (const id of ids)
      for (const op of ops)
        for (const topic of topics)
          for (const jobId of jobIds)
            for (const start of starts) {
              const message = JSON.parse(JSON.stringify({ id, op, topic, jobId, ...start }))
              expect([message, isLiveRequest(message)]).toEqual([
                message,
                Value.Check(LiveRequest, message),
              ])
            }
  })

  it.each([[null], ['text'], [7], [[]], [{}]])('takes %j for none', (message) => {
    expect(isLiveRequest(message)).toBe(false)
  })
})
