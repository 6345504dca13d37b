import type { LiveMessage, LogLine, LogPage } from '@plotline/api'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveTopic } from '../live/live-connection.ts'
import { createLogWindow, MAX_LINES, type LogWindow } from './log-window.ts'

let total: number
let say: (lines: LogLine[], complete?: boolean) => void
let topic: () => LiveTopic
let log: LogWindow

beforeEach(() => {
  total = 5000
  log = createLogWindow({
    jobId: 'ja',
    subscribe(itsTopic, onMessage: (message: LiveMessage) => void) {
      topic = itsTopic
      say = (fresh, complete = false) =>
        onMessage({ id: 1, type: 'log', jobId: 'ja', lines: fresh, complete })
      return () => undefined
    },
    readPage: async ({ after, tail, limit = 1000 }): Promise<LogPage> => {
      const from = tail === undefined ? (after ?? 0) : Math.max(0, total - tail)
      const to = Math.min(total, from + (tail ?? limit))
      return { lines: lines(from + 1, to), total, next: to, complete: false }
    },
    soon: (show) => show(),
  })
})

describe('createLogWindow', () => {
  it('opens at the tail and goes on live from there', async () => {
    await log.goToEnd()
    expect(span()).toEqual([4001, 5000])
    expect(topic()).toEqual({ topic: 'log', jobId: 'ja', after: 5000 })
    say(lines(5001, 5002))
    expect(span()).toEqual([4001, 5002])
    expect(topic()).toEqual({ topic: 'log', jobId: 'ja', after: 5002 })
  })

  it('takes no line twice', async () => {
    await log.goToEnd()
    say(lines(4990, 5003))
    expect(log.state().lines).toHaveLength(1003)
  })

  it('reads older pages up to the first line', async () => {
    await log.goToEnd()
    for (let i = 0; i < 6; i++) await log.loadOlder()
    expect(span()).toEqual([1, 5000])
  })

  it('goes to a line and back to the end, counting what is new meanwhile', async () => {
    await log.goToEnd()
    await log.goToLine(1042)
    expect(span()).toEqual([742, 1741])
    expect(log.state().isAtEnd).toBe(false)
    total = 5042
    say(lines(5001, 5042))
    expect(span()).toEqual([742, 1741])
    expect(log.state().total).toBe(5042)
    await log.goToEnd()
    expect(span()).toEqual([4043, 5042])
    expect(log.state().isAtEnd).toBe(true)
  })

  it('grows downwards until it meets the end', async () => {
    await log.goToLine(1042)
    for (let i = 0; i < 5; i++) await log.loadNewer()
    expect(span()).toEqual([742, 5000])
    say(lines(5001, 5001))
    expect(span()).toEqual([742, 5001])
  })

  it('holds no more than its maximum', async () => {
    await log.goToEnd()
    say(lines(5001, 5000 + 2 * MAX_LINES))
    expect(log.state().lines).toHaveLength(MAX_LINES)
    expect(span()[1]).toBe(5000 + 2 * MAX_LINES)
  })

  it('may be closed and opened again', async () => {
    log.open(undefined)()
    const close = log.open(1042)
    await vi.waitFor(() => expect(span()).toEqual([742, 1741]))
    close()
  })

  it('knows the end of a log', async () => {
    await log.goToEnd()
    say([], true)
    expect(log.state().isComplete).toBe(true)
  })
})

function span(): (number | undefined)[] {
  return [log.state().lines[0]?.n, log.state().lines.at(-1)?.n]
}

function lines(from: number, to: number): LogLine[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => ({
    n: from + i,
    t: 1000 * (from + i),
    stream: 'stdout' as const,
    text: `line ${from + i}`,
  }))
}
