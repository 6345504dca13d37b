import { describe, expect, it } from 'vitest'
import { unixMs } from '../units.ts'
import { jobFixture } from './job-fixture.contract.ts'
import { advance, type JobEvent } from './states.ts'

const at = unixMs(5)
const exited = (exitCode: number): JobEvent => ({ kind: 'exited', exitCode, at })
const notStarted: JobEvent = { kind: 'not-started', reason: 'no such program', at }
const lost: JobEvent = { kind: 'lost', reason: 'the machine went down', at }

describe('advance', () => {
  it.each([
    ['Pending', false, { kind: 'started', at } as const, { state: 'Running', startedAt: 5 }],
    ['Running', false, exited(0), { state: 'Stopped', exitCode: 0, finishedAt: 5 }],
    ['Running', false, exited(3), { state: 'Failed', exitCode: 3 }],
    ['Pending', false, notStarted, { state: 'Error', error: 'no such program', exitCode: null }],
    ['Running', false, lost, { state: 'Error', error: 'the machine went down' }],
    ['Running', true, exited(0), { state: 'Cancelled', exitCode: 0, error: null }],
    ['Running', true, exited(143), { state: 'Cancelled', exitCode: 143 }],
    ['Pending', true, notStarted, { state: 'Cancelled', error: null }],
  ] as const)(
    'leads from %s (stop requested: %s) by %j to %j',
    (state, stopRequested, event, expected) => {
      expect(advance(jobFixture({ state, stopRequested }), event)).toMatchObject(expected)
    },
  )

  it.each(['Stopped', 'Failed', 'Error', 'Cancelled'] as const)(
    'leads nowhere from %s',
    (state) => {
      const job = jobFixture({ state })
      const events: JobEvent[] = [exited(1), lost, { kind: 'started', at }]
      for (const event of events) expect(advance(job, event)).toBe(job)
    },
  )
})
