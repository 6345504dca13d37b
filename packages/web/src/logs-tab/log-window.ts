import type { LiveMessage, LogLine, LogPage } from '@plotline/api'
import type { LiveTopic } from '../live/live-connection.ts'

/** A stretch of the log without gaps: the end of it, as it grows, or a place that a person went to. */
interface LogState {
  readonly lines: readonly LogLine[]
  /** Lines in the whole log, as far as is known. */
  readonly total: number
  /** The stretch reaches the end: new lines join it. */
  readonly isAtEnd: boolean
  /** The job is over, and the log with it. */
  readonly isComplete: boolean
  readonly isLoaded: boolean
  readonly error: string | undefined
}

export interface LogWindow {
  readonly state: () => LogState
  readonly onState: (listener: () => void) => () => void
  readonly loadOlder: () => Promise<void>
  readonly loadNewer: () => Promise<void>
  readonly goToEnd: () => Promise<void>
  readonly goToLine: (n: number) => Promise<void>
  /** Starts at the end of the log, or at the line given. Call the result to stop; it may be opened again. */
  readonly open: (line: number | undefined) => () => void
}

export interface LogWindowNeeds {
  readonly jobId: string
  readonly subscribe: (
    topic: () => LiveTopic,
    onMessage: (message: LiveMessage) => void,
  ) => () => void
  readonly readPage: (query: LogRequest, signal: AbortSignal) => Promise<LogPage>
  /** Runs `show` soon: a thousand messages a second are not a thousand pictures. */
  readonly soon: (show: () => void) => void
}

interface LogRequest {
  readonly after?: number
  readonly tail?: number
  readonly limit?: number
}

/** Most lines in memory; what lies beyond is read again when somebody scrolls there. */
export const MAX_LINES = 50_000
const PAGE_LINES = 1000
/** A line that a link names is shown with so many before it. */
const LINES_BEFORE = 300

export function createLogWindow(needs: LogWindowNeeds): LogWindow {
  const { readPage, soon } = needs
  const listeners = new Set<() => void>()
  let opened = new AbortController()
  let unsubscribe: (() => void) | undefined
  let isReading = false
  let isShowing = false
  let lines: LogLine[] = []
  let rest: Omit<LogState, 'lines'> = {
    total: 0,
    isAtEnd: true,
    isComplete: false,
    isLoaded: false,
    error: undefined,
  }
  let current: LogState = { lines, ...rest }

  return {
    state: () => current,
    onState(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    loadOlder: () =>
      reading(async (signal) => {
        const first = lines[0]?.n ?? 1
        if (first <= 1) return
        const after = Math.max(0, first - 1 - PAGE_LINES)
        const page = await readPage({ after, limit: first - 1 - after }, signal)
        lines = [...page.lines.filter(({ n }) => n < first), ...lines]
        if (lines.length > MAX_LINES) {
          lines = lines.slice(0, MAX_LINES)
          rest = { ...rest, isAtEnd: false }
        }
      }),
    loadNewer: () =>
      reading(async (signal) => {
        if (rest.isAtEnd) return
        const page = await readPage({ after: lines.at(-1)?.n ?? 0, limit: PAGE_LINES }, signal)
        rest = { ...rest, total: Math.max(rest.total, page.total) }
        join(page.lines)
        rest = { ...rest, isAtEnd: lastN() >= rest.total }
      }),
    goToEnd: () => reading(readEnd),
    goToLine: (n) => reading((signal) => readAround(n, signal)),
    open(line) {
      const own = new AbortController()
      opened = own
      isReading = false
      void reading((signal) => (line === undefined ? readEnd(signal) : readAround(line, signal)))
      return () => {
        own.abort()
        unsubscribe?.()
        unsubscribe = undefined
      }
    },
  }

  async function readEnd(signal: AbortSignal): Promise<void> {
    const page = await readPage({ tail: PAGE_LINES }, signal)
    if (!signal.aborted) take(page)
  }

  async function readAround(n: number, signal: AbortSignal): Promise<void> {
    const after = Math.max(0, n - 1 - LINES_BEFORE)
    const page = await readPage({ after, limit: PAGE_LINES }, signal)
    if (!signal.aborted) take(page)
  }

  function take(page: LogPage): void {
    lines = [...page.lines]
    const total = Math.max(rest.total, page.total)
    rest = { ...rest, total, isAtEnd: lastN() >= total, isLoaded: true, error: undefined }
    if (page.complete && rest.isAtEnd) rest = { ...rest, isComplete: true }
    listen()
  }

  /** From the first page on: the server sends all lines after the last one known. */
  function listen(): void {
    unsubscribe ??= needs.subscribe(
      () => ({ topic: 'log', jobId: needs.jobId, after: rest.total }),
      (message) => {
        if (message.type === 'log') receive(message.lines, message.complete)
      },
    )
  }

  function receive(fresh: readonly LogLine[], isComplete: boolean): void {
    const total = Math.max(rest.total, fresh.at(-1)?.n ?? 0)
    rest = { ...rest, total, isComplete: rest.isComplete || isComplete }
    if (rest.isAtEnd) join(fresh)
    show()
  }

  function join(fresh: readonly LogLine[]): void {
    const last = lastN()
    for (const line of fresh) if (line.n > last) lines.push(line)
    if (lines.length > MAX_LINES) lines = lines.slice(-MAX_LINES)
  }

  async function reading(read: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (isReading) return
    const { signal } = opened
    isReading = true
    try {
      await read(signal)
    } catch (error) {
      if (!signal.aborted)
        rest = { ...rest, error: error instanceof Error ? error.message : String(error) }
    }
    if (signal.aborted) return
    isReading = false
    show()
  }

  function show(): void {
    if (isShowing) return
    isShowing = true
    soon(() => {
      isShowing = false
      current = { lines: [...lines], ...rest }
      for (const listener of listeners) listener()
    })
  }

  function lastN(): number {
    return lines.at(-1)?.n ?? 0
  }
}
