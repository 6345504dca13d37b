import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Job, JobMetrics, MetricData } from '@plotline/api'

export const ROOT = resolve(import.meta.dirname, '../..')
export const BIN = join(ROOT, 'packages/cli/bin/plotline.mjs')

export interface TestServer {
  readonly url: string
  readonly key: string
  readonly dataDir: string
  readonly statsd: { readonly host: string; readonly port: number }
  readonly process: ChildProcess
  api<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: T }>
  submit(job: object): Promise<Job>
  /** Submits a job and waits until it runs: from then on its samples count. */
  run(job: object): Promise<Job>
  job(id: string): Promise<Job>
  metrics(id: string): Promise<JobMetrics>
  data(id: string, query?: string): Promise<MetricData['series']>
  /** One UDP datagram to the shared socket. */
  send(datagram: string): Promise<void>
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** The built server as a process of its own, on free ports of the loopback. */
export async function startServer(
  dataDir: string,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<TestServer> {
  const args = [
    BIN,
    'serve',
    '--json',
    '--data',
    dataDir,
    '--port',
    '0',
    '--statsd-port',
    '0',
    ...flags,
  ]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const errors: string[] = []
  child.stderr.on('data', (chunk) => errors.push(String(chunk)))
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  const ready = await Promise.race([firstLine(child), exited])
  if (typeof ready !== 'string')
    throw new Error(`The server ended with ${ready}: ${errors.join('')}`)

  const { url, statsd } = JSON.parse(ready) as { url: string; statsd: string }
  const key = readFileSync(join(dataDir, 'api-key'), 'utf8').trim()
  const [host = '', port = ''] = statsd.split(':')
  const address = { host, port: Number(port) }
  const api: TestServer['api'] = async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        'x-api-key': key,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const read = async <T>(path: string): Promise<T> => (await api<T>('GET', path)).body
  const submit = async (job: object): Promise<Job> => {
    const { status, body } = await api<Job>('POST', '/api/v1/jobs', job)
    if (status !== 201) throw new Error(`submit: ${status} ${JSON.stringify(body)}`)
    return body
  }
  const readJob = (id: string): Promise<Job> => read<Job>(`/api/v1/jobs/${id}`)
  return {
    url,
    key,
    dataDir,
    statsd: address,
    process: child,
    api,
    submit,
    async run(job) {
      const { id } = await submit(job)
      return eventually(
        () => readJob(id),
        ({ state }) => state === 'Running',
      )
    },
    job: readJob,
    metrics: (id) => read<JobMetrics>(`/api/v1/jobs/${id}/metrics`),
    data: async (id, query = '') =>
      (await read<MetricData>(`/api/v1/jobs/${id}/metrics/data${query}`)).series,
    send: (datagram) => sendDatagram(address, datagram),
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return exited
    },
  }
}

export async function sendDatagram(
  { host, port }: { host: string; port: number },
  datagram: string,
): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((done, fail) =>
    socket.send(Buffer.from(datagram, 'latin1'), port, host, (error) =>
      error ? fail(error) : done(),
    ),
  )
  socket.close()
}

/** Asks again until the answer is there; the failure shows the last one. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  isIt: (answer: T) => boolean,
  timeoutMs = 15_000,
): Promise<T> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (isIt(answer)) return answer
    if (Date.now() > end)
      throw new Error(`Not so within ${timeoutMs} ms: ${JSON.stringify(answer)}`)
    await new Promise((done) => setTimeout(done, 50))
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no stdout')
  const lines = createInterface({ input: child.stdout })
  return new Promise((done) => lines.once('line', done))
}
