import { API, isFinal, type LiveMessage, type LiveRequest } from '@plotline/api'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import { PlotlineError } from '../errors.ts'
import { jobJson } from '../jobs/job-json.ts'
import type { Job } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Logger } from '../log.ts'
import type { LiveHub, LiveUpdate } from '../metrics/live-hub.ts'
import { unixMs } from '../units.ts'
import type { Guard } from './guard.ts'
import { isLiveRequest } from './live-request.ts'
import { errorBody } from './on-error.ts'

interface Needs {
  readonly jobs: Jobs
  readonly hub: LiveHub
  readonly guard: Guard
  readonly clock: () => number
  readonly log: Logger
}
type Subscribe = Exclude<LiveRequest, { op: 'unsubscribe' }>
/** Ends a subscription. */
type Cancel = () => void
type Body<M = LiveMessage> = M extends unknown ? Omit<M, 'id'> : never

const MAX_SUBSCRIPTIONS = 200
const MAX_REQUEST_BYTES = 64 * 1024
/** Above this a reader is too slow for its own good: it gets no changes until it has caught up, then all it missed at once. */
const PAUSE_BYTES = 256 * 1024
/** Above this, or when it stays paused for longer than the time, it is let go; it comes back and resumes. */
const DROP_BYTES = 4 * 2 ** 20
const DROP_AFTER_MS = 30_000
const CHECK_MS = 250
const PING_MS = 20_000
const TRY_AGAIN_LATER = 1013
const GOING_AWAY = 1001
/** How long a reader may take to answer a farewell. */
const LEAVE_MS = 200

/** WS /api/v1/live: see LiveRequest and LiveMessage for what is said on it. Returns how to let all readers go. */
export function openLiveSocket(server: Server, needs: Needs): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_REQUEST_BYTES })
  server.on('upgrade', (request, stream: Duplex, head) => {
    const refusal = refusalOf(needs.guard, request)
    if (refusal !== undefined) return refuse(stream, refusal)
    sockets.handleUpgrade(request, stream, head, (socket) => serveReader(socket, needs))
  })
  return () => {
    for (const socket of sockets.clients) socket.close(GOING_AWAY)
    setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), LEAVE_MS).unref()
  }
}

function refusalOf(guard: Guard, request: IncomingMessage): PlotlineError | undefined {
  try {
    guard.check(request, false)
  } catch (error) {
    if (error instanceof PlotlineError) return error
    throw error
  }
  const [path] = (request.url ?? '').split('?')
  return path === `${API}/live`
    ? undefined
    : new PlotlineError('NOT_FOUND', 'There is no WebSocket here.')
}

function refuse(stream: Duplex, error: PlotlineError): void {
  const body = JSON.stringify(errorBody(error))
  stream.end(
    `HTTP/1.1 ${error.status} ${error.code}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function serveReader(socket: WebSocket, needs: Needs): void {
  const subscriptions = new Map<number, Cancel>()
  const stopPings = keepAlive(socket)

  socket.on('message', (data) => {
    const request = parseRequest(data)
    if (request === undefined) {
      send(
        socket,
        0,
        failure(new PlotlineError('BAD_REQUEST', 'That is no request of the live protocol.')),
      )
      return
    }
    subscriptions.get(request.id)?.()
    subscriptions.delete(request.id)
    if (request.op === 'unsubscribe') return
    if (subscriptions.size >= MAX_SUBSCRIPTIONS) {
      const limit = `One connection can have up to ${MAX_SUBSCRIPTIONS} subscriptions.`
      send(socket, request.id, failure(new PlotlineError('BAD_REQUEST', limit)))
      return
    }
    subscriptions.set(request.id, subscribe(socket, request, needs))
  })
  socket.on('error', (error) => needs.log.debug({ err: error }, 'live socket'))
  socket.on('close', () => {
    stopPings()
    for (const cancel of subscriptions.values()) cancel()
  })
}

/** A reader that vanished without a word (sleep, cable) answers no ping. */
function keepAlive(socket: WebSocket): Cancel {
  let answered = true
  socket.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, PING_MS)
  return () => clearInterval(timer)
}

function parseRequest(data: RawData): LiveRequest | undefined {
  if (!Buffer.isBuffer(data)) return undefined // ws gives anything else only when asked to
  try {
    const request: unknown = JSON.parse(data.toString('utf8'))
    return isLiveRequest(request) ? request : undefined
  } catch {
    return undefined
  }
}

/** Starts one subscription; what goes wrong in it is told to its reader under its id. */
function subscribe(socket: WebSocket, request: Subscribe, needs: Needs): Cancel {
  const ended = new AbortController()
  const tell = (body: Body): void => {
    if (!ended.signal.aborted) send(socket, request.id, body)
  }
  start(socket, request, needs, tell, ended.signal).catch((error: unknown) => {
    if (error instanceof PlotlineError) return tell(failure(error))
    needs.log.error({ err: error }, 'live subscription failed')
    tell(
      failure(
        new PlotlineError('INTERNAL', 'The server failed at this subscription. Its log says why.'),
      ),
    )
  })
  return () => ended.abort()
}

async function start(
  socket: WebSocket,
  request: Subscribe,
  needs: Needs,
  tell: (body: Body) => void,
  signal: AbortSignal,
): Promise<void> {
  if (request.topic === 'jobs') {
    watchJobs(needs, () => true, tell, signal)
    return tell({ type: 'subscribed' })
  }
  const job = await needs.jobs.get(request.jobId)
  tell({ type: 'subscribed' })
  switch (request.topic) {
    case 'job':
      watchJobs(needs, (jobId) => jobId === job.id, tell, signal)
      return tell({ type: 'job', job: await json(needs.jobs, await needs.jobs.get(job.id)) })
    case 'metrics':
      return watchMetrics(socket, job, request.since, needs, tell, signal)
    case 'log':
      return followLog(socket, job, request.after ?? 0, needs.jobs, tell, signal)
  }
}

function watchJobs(
  { jobs, log }: Pick<Needs, 'jobs' | 'log'>,
  isWanted: (jobId: string) => boolean,
  tell: (body: Body) => void,
  signal: AbortSignal,
): void {
  const stop = jobs.onChange((event) => {
    if (event.type === 'deleted') {
      if (isWanted(event.id)) tell({ type: 'job-deleted', jobId: event.id })
    } else if (isWanted(event.job.id)) {
      json(jobs, event.job).then(
        (job) => tell({ type: 'job', job }),
        (error: unknown) => log.error({ err: error }, 'a change of a job could not be told'),
      )
    }
  })
  signal.addEventListener('abort', stop, { once: true })
}

/**
 * Changes as they come. A reader that does not keep up is paused, and resumed from the store with all since: what it is owed is a
 * time, never a queue.
 */
async function watchMetrics(
  socket: WebSocket,
  job: Job,
  since: number | undefined,
  { hub, clock }: Needs,
  tell: (body: Body) => void,
  signal: AbortSignal,
): Promise<void> {
  let held: LiveUpdate[] | undefined = []
  let pausedAt: number | undefined
  const stop = hub.watch(job.id, (update) => {
    if (held) held.push(update)
    else if (pausedAt !== undefined) return
    else if (socket.bufferedAmount > PAUSE_BYTES) pausedAt = Number(update.t)
    else tell({ type: 'metrics', ...mutable(update) })
  })
  const timer = setInterval(() => {
    if (pausedAt === undefined) return
    if (socket.bufferedAmount > DROP_BYTES || clock() - pausedAt > DROP_AFTER_MS)
      return socket.close(TRY_AGAIN_LATER, 'too slow')
    if (socket.bufferedAmount > 0) return
    const from = pausedAt - 2000 // the open second may have begun before the change that was skipped
    pausedAt = undefined
    catchUp(from).catch(() => socket.close(TRY_AGAIN_LATER, 'cannot catch up')) // it comes back and is told why
  }, CHECK_MS)
  signal.addEventListener('abort', () => (clearInterval(timer), stop()), { once: true })

  async function catchUp(from: number | undefined): Promise<void> {
    held = []
    const at = from === undefined ? undefined : unixMs(from)
    const update = await hub.catchUp(job, at, unixMs(clock()))
    tell({ type: 'metrics', ...mutable(update) })
    for (const later of held) tell({ type: 'metrics', ...mutable(later) })
    held = undefined
  }
  await catchUp(since)
}

const mutable = ({ series, ...rest }: LiveUpdate) => ({ ...rest, series: [...series] })

async function followLog(
  socket: WebSocket,
  job: Job,
  after: number,
  jobs: Jobs,
  tell: (body: Body) => void,
  signal: AbortSignal,
): Promise<void> {
  await jobs.followLog(
    job.id,
    after,
    async (lines) => {
      tell({ type: 'log', jobId: job.id, lines: [...lines], complete: false })
      await drained(socket, signal)
    },
    signal,
  )
  await over(job, jobs, signal)
  if (!signal.aborted) tell({ type: 'log', jobId: job.id, lines: [], complete: true })
}

/** The log ends a moment before the job is known to be over; whoever is told that the log is complete may rely on both. */
async function over({ id }: Job, jobs: Jobs, signal: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    const stop = jobs.onChange((event) => {
      if (event.type === 'job' ? event.job.id === id && isFinal(event.job.state) : event.id === id)
        end()
    })
    const end = (): void => (stop(), done())
    signal.addEventListener('abort', end, { once: true })
    // Looked at after listening, so that a change between the two is not missed.
    jobs.get(id).then(({ state }) => isFinal(state) && end(), end)
  })
}

/** The log is read no faster than its reader takes it. */
async function drained(socket: WebSocket, signal: AbortSignal): Promise<void> {
  while (
    socket.bufferedAmount > PAUSE_BYTES &&
    socket.readyState === socket.OPEN &&
    !signal.aborted
  )
    await new Promise((resolve) => setTimeout(resolve, CHECK_MS / 5))
}

const json = async (jobs: Jobs, job: Job) => jobJson(job, (await jobs.bytesOf(job)).total)

const failure = (error: PlotlineError): Body => ({ type: 'error', error: errorBody(error).error })

function send(socket: WebSocket, id: number, body: Body): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ id, ...body }))
}
