import {
  API,
  ARCHIVE_TYPE,
  ErrorBody,
  Job,
  JobDeleted,
  JobMetrics,
  JobPage,
  LogPage,
  MetricData,
  ServerInfo,
  type CsvQuery,
  type DataQuery,
  type JobQuery,
  type LogQuery,
  type NewJob,
} from '@plotline/api'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Readable } from 'node:stream'
import { DEFAULT_URL, isLoopback, type ServerAddress } from './config.ts'
import { systemCode } from './files/write-whole.ts'
import type { Source } from './files/open-source.ts'
import { parseJson } from './parse-json.ts'
import { EXIT_BAD_INPUT, EXIT_FAILED, Problem, failed } from './problem.ts'

/** A stop may wait for a command that takes its ten seconds to end. */
const ANSWER_WITHIN_MS = 60_000
const MAX_SHOWN_BODY = 200

/** What the command line asks of a server. Every method throws a `Problem` whose lines are ready to be shown. */
export interface ServerClient {
  readonly address: ServerAddress
  info(): Promise<ServerInfo>
  createJob(job: NewJob): Promise<Job>
  listJobs(query: JobQuery): Promise<JobPage>
  getJob(id: string): Promise<Job>
  stopJob(id: string): Promise<Job>
  cloneJob(id: string): Promise<Job>
  deleteJob(id: string): Promise<JobDeleted>
  readLog(id: string, query: LogQuery): Promise<LogPage>
  metrics(id: string): Promise<JobMetrics>
  metricData(id: string, query: DataQuery): Promise<MetricData>
  /** Full resolution, streamed: however long the job ran, little of it is held in memory. */
  metricsCsv(id: string, query: CsvQuery): Promise<ReadableStream<Uint8Array>>
  /** The whole job as one archive, streamed. */
  exportJob(id: string, withSecrets: boolean): Promise<Readable>
  /** Takes such an archive in, however large it is. */
  importJob(archive: Source): Promise<Job>
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  readonly archive?: Source
}

export function connectServer(address: ServerAddress): ServerClient {
  const ask = async <T extends TSchema>(schema: T, path: string, call: Call = {}) =>
    understood(address, schema, await answer(address, path, call))

  return {
    address,
    info: () => ask(ServerInfo, '/server'),
    createJob: (body) => ask(Job, '/jobs', { method: 'POST', body }),
    listJobs: (query) => ask(JobPage, '/jobs', { query }),
    getJob: (id) => ask(Job, job(id)),
    stopJob: (id) => ask(Job, job(id, '/stop'), { method: 'POST' }),
    cloneJob: (id) => ask(Job, job(id, '/clone'), { method: 'POST' }),
    deleteJob: (id) => ask(JobDeleted, job(id), { method: 'DELETE' }),
    readLog: (id, query) => ask(LogPage, job(id, '/logs'), { query }),
    metrics: (id) => ask(JobMetrics, job(id, '/metrics')),
    metricData: (id, query) => ask(MetricData, job(id, '/metrics/data'), { query }),
    metricsCsv: async (id, query) => {
      const { body } = await answer(address, job(id, '/metrics.csv'), { query }, 'unlimited')
      if (body === null) throw notUnderstood(address)
      return body
    },
    exportJob: async (id, withSecrets) => {
      const query = { secrets: String(withSecrets) }
      const { body } = await answer(address, job(id, '/export'), { query }, 'unlimited')
      if (body === null) throw notUnderstood(address)
      return Readable.from(unbroken(address, body), { objectMode: false })
    },
    importJob: async (archive) => {
      const call: Call = { method: 'POST', archive }
      return understood(address, Job, await answer(address, '/jobs/import', call, 'unlimited'))
    },
  }
}

async function* unbroken(
  address: ServerAddress,
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch {
    throw brokenOff(address)
  }
}

const job = (id: string, rest = ''): string => `/jobs/${encodeURIComponent(id)}${rest}`

/** One answer that is a success; everything else is thrown as the `Problem` that it is. */
async function answer(
  address: ServerAddress,
  path: string,
  { method = 'GET', query = {}, body, archive }: Call,
  patience: 'limited' | 'unlimited' = 'limited',
): Promise<Response> {
  const url = new URL(address.url + API + path)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value))
  const headers = {
    ...(address.apiKey === undefined ? {} : { 'x-api-key': address.apiKey }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(archive === undefined ? {} : archiveHeaders(archive)),
  }

  const response = await fetch(url, {
    method,
    headers,
    redirect: 'error',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(archive === undefined ? {} : { body: streamOf(archive.bytes), duplex: 'half' }),
    ...(patience === 'limited' ? { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) } : {}),
  }).catch((error: unknown) => {
    if (archive !== undefined) throw notSent(address, archive, error)
    throw isTimeout(error) ? silent(address) : unreachable(address)
  })
  if (response.ok) return response
  throw refusal(address, response, await text(response, address))
}

/** The size lets the server say at once that it has no room. */
const archiveHeaders = ({ sizeBytes }: Source): Record<string, string> => ({
  'content-type': ARCHIVE_TYPE,
  ...(sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) }),
})

/** A piece at a time, as the connection takes it; `Readable.toWeb` would hold thousands of them. */
function streamOf(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await pieces.next()
        if (next.done === true) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await pieces.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

function notSent(address: ServerAddress, { bytes }: Source, error: unknown): Problem {
  if (bytes.errored) return failed(`It could not be read: ${bytes.errored.message}`)
  const cause = error instanceof Error ? systemCode(error.cause) : undefined
  return cause === 'ECONNREFUSED' || cause === 'ENOTFOUND'
    ? unreachable(address)
    : failed(`${address.url} broke off while the archive was sent.`)
}

async function understood<T extends TSchema>(
  address: ServerAddress,
  schema: T,
  response: Response,
): Promise<Static<T>> {
  const value = parseJson(await text(response, address))
  if (!Value.Check(schema, value)) throw notUnderstood(address)
  return value
}

async function text(response: Response, address: ServerAddress): Promise<string> {
  return response.text().catch((error: unknown) => {
    throw isTimeout(error) ? silent(address) : brokenOff(address)
  })
}

function refusal(address: ServerAddress, { status }: Response, body: string): Problem {
  if (status === 401) return keyRefused(address)
  const json = parseJson(body)
  if (!Value.Check(ErrorBody, json))
    return failed(`${address.url} answered ${status}: ${body.trim().slice(0, MAX_SHOWN_BODY)}`)
  const exitCode = status === 400 || status === 422 ? EXIT_BAD_INPUT : EXIT_FAILED
  return new Problem(exitCode, problemLines(json.error), json.error.code)
}

/** Each thing at fault in a line of its own where the server names them one by one. */
export function problemLines({ message, details = [] }: ErrorBody['error']): string[] {
  const lines = details.map((detail) => detail['message'])
  const named = lines.filter((line) => typeof line === 'string')
  return named.length > 0 && named.length === lines.length ? named : [message]
}

export function keyRefused({ url, apiKey, keySource }: ServerAddress): Problem {
  const why =
    apiKey === undefined
      ? `${url} wants an API key, and none was found.`
      : `${url} refused the API key from ${keySource}.`
  return failed(`${why} Store one with: plotline login ${url} KEY`)
}

export function unreachable({ url }: ServerAddress): Problem {
  const { port } = new URL(url)
  const flag = url === DEFAULT_URL || !isLoopback(url) || port === '' ? '' : ` --port ${port}`
  return failed(`No Plotline server answers at ${url}. Start one with: npx plotline serve${flag}`)
}

const brokenOff = ({ url }: ServerAddress): Problem => failed(`${url} broke off its answer.`)

const silent = ({ url }: ServerAddress): Problem =>
  failed(`${url} took the request but did not answer within ${ANSWER_WITHIN_MS / 1000} s.`)

export const notUnderstood = ({ url }: ServerAddress): Problem =>
  failed(`${url} answered what this version of plotline cannot read. Is it a Plotline server?`)

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.name === 'TimeoutError'
