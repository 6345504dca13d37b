import { encodeLine, isMetricName, JOB_TAG, type LineType } from '@plotline/wire'
import { findDestination, type Environment } from './destination.ts'
import { openHttp } from './http-transport.ts'
import { noticesTo, type Notify } from './notices.ts'
import type { Transport } from './transport.ts'
import { openUdp } from './udp-transport.ts'

export interface ClientOptions {
  /** Of the server's StatsD socket. Default: STATSD_HOST, DD_AGENT_HOST, the default gateway. */
  readonly host?: string
  /** Counts only with `host`. Default 8125. */
  readonly port?: number
  /** Default PS_JOB_ID. Without a job every method does nothing. */
  readonly jobId?: string
  /** Default `udp`. `http` is for networks that carry no UDP. */
  readonly transport?: 'udp' | 'http'
  /** Of the server, for `http`. Default PLOTLINE_URL. */
  readonly url?: string
  /** For `http`. Default PLOTLINE_API_KEY. */
  readonly apiKey?: string
  /** Where the defaults come from. */
  readonly env?: Environment
  /** Where notices go, a line each. Default: standard error. */
  readonly write?: (line: string) => void
}

/**
 * Counters and gauges of the job that this process runs in.
 *
 * No method throws or waits, whatever it is given: a sample that cannot be sent is dropped, and standard error says why, once
 * for each metric. The process may end whenever it likes.
 */
export class Client {
  readonly #notify: Notify
  readonly #tags: readonly string[]
  #transport: Transport | undefined

  constructor(options: ClientOptions = {}) {
    const jobId = options.jobId ?? (options.env ?? process.env)['PS_JOB_ID'] ?? ''
    this.#notify = options.write ? noticesTo(options.write) : notifyOnStderr
    this.#tags = [`${JOB_TAG}:${jobId}`]
    try {
      this.#transport = openTransport(options, jobId, this.#notify)
    } catch (error) {
      this.#notify('start', `could not start, nothing will be sent: ${String(error)}`)
    }
  }

  /** Adds `value` to the counter. */
  increment(metric: string, value: number | bigint = 1): void {
    this.#send(metric, plain(value), 'c')
  }

  /** Takes `value` from the counter, which may go below zero. */
  decrement(metric: string, value: number | bigint = 1): void {
    const number = plain(value)
    this.#send(metric, number === undefined ? undefined : -number, 'c')
  }

  /** Sets the gauge to `value`. Negative values are values, not differences. */
  gauge(metric: string, value: number | bigint | boolean): void {
    this.#send(metric, plain(value), 'g')
  }

  /** Samples that were not sent or that nobody took, so far and near enough. */
  get dropped(): number {
    return this.#transport?.dropped() ?? 0
  }

  /** Resolves when what is held was sent or given up, at most seconds later. Afterwards every method does nothing. */
  async close(): Promise<void> {
    const transport = this.#transport
    this.#transport = undefined
    await transport?.close()
  }

  #send(metric: unknown, value: number | bigint | undefined, type: LineType): void {
    if (!this.#transport) return
    if (typeof metric !== 'string' || !isMetricName(metric)) {
      this.#notify(`name ${shown(metric)}`, `${shown(metric)} is no name: ${NAME_RULE}`)
      return
    }
    const tags = this.#tags
    const text = value === undefined ? undefined : encodeLine(metric, value, type, tags)
    if (value === undefined || text === undefined)
      this.#notify(metric, `dropped a sample of ${metric}: ${NO_NUMBER}`)
    else this.#transport.send({ name: metric, value, type, tags, text })
  }
}

const NAME_RULE = 'it takes 1 to 128 of A-Z a-z 0-9 _ -'
const NO_NUMBER = 'not a number that can be drawn'
const notifyOnStderr = noticesTo((line) => process.stderr.write(line))

function openTransport(
  options: ClientOptions,
  jobId: string,
  notify: Notify,
): Transport | undefined {
  const env = options.env ?? process.env
  if (!jobId) {
    notify('job', 'no job here (PS_JOB_ID is not set): nothing will be sent')
    return undefined
  }
  if (options.transport === 'http') {
    const url = options.url ?? env['PLOTLINE_URL'] ?? ''
    return openHttp({ url, apiKey: options.apiKey ?? env['PLOTLINE_API_KEY'] ?? '', jobId }, notify)
  }
  const destination = findDestination(options, env)
  if (destination) return openUdp(destination, notify)
  notify(
    'server',
    'found no server: no host, no STATSD_HOST, no default route. Nothing will be sent',
  )
  return undefined
}

/** The types promise a number; a job in plain JavaScript may give anything. */
function plain(value: unknown): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
}

function shown(metric: unknown): string {
  return typeof metric === 'string' ? JSON.stringify(metric.slice(0, 130)) : `a ${typeof metric}`
}
