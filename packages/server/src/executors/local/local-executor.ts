import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Executor, JobEnd, StatsdAddress } from '../../jobs/executor.ts'
import type { Job } from '../../jobs/job.ts'
import { unixMs, type JobId } from '../../units.ts'
import { jobEnvironment } from './environment.ts'
import { jobFiles, readExit, readShimRecord, writeJsonFile, type JobFiles } from './job-files.ts'
import { followLines, logText, readLogPage } from './log-reader.ts'
import { hasProc, isAlive, processesOf, type ProcessIdentity } from './process-identity.ts'
import type { ShimAnswer, ShimSpec } from './shim.ts'

export interface LocalExecutorOptions {
  readonly dataDir: string
  /** Leads PYTHONPATH, so that `from gradient_statsd import Client` works with nothing installed. */
  readonly clientsPythonDir: string
  /** What jobs inherit: the server's own environment. */
  readonly baseEnv: Readonly<Record<string, string>>
  readonly killAfterMs?: number
}

const KILL_AFTER_MS = 10_000
const POLL_MS = 100
/** How often a process that is not our child is asked whether it lives: its exit.json tells sooner. */
const LIVENESS_POLLS = 10
const FOLLOW_MS = 100
const MAX_FOLDER_ENTRIES = 100_000

/**
 * Runs commands on this host, each under a shim of its own that outlives the server. All that it knows of a job is in the job's
 * folder, so that another server finds it there.
 */
export function openLocalExecutor(options: LocalExecutorOptions): Executor {
  const closing = new AbortController()
  const filesOf = (id: JobId): JobFiles => jobFiles(options.dataDir, id)

  return {
    async start(job, statsd) {
      const files = filesOf(job.id)
      const spec = prepare(job, files, statsd, options)
      const answer = await startShim(spec)
      return 'startedAt' in answer
        ? { startedAt: unixMs(answer.startedAt) }
        : { reason: answer.reason, code: 'not-started' as const }
    },
    ended: (id) => waitForEnd(id, filesOf(id), closing.signal),
    stop: (id) => stop(id, filesOf(id), options.killAfterMs ?? KILL_AFTER_MS),
    async readLog(id, query) {
      const files = filesOf(id)
      const isOver = existsSync(files.exit) // before the log is read: what it reads then is all there is
      return readLogPage(files.log, files.logIndex, query, isOver)
    },
    async followLog(id, after, onLines, signal) {
      const files = filesOf(id)
      const cursor = followLines(files.log, files.logIndex, after)
      while (!signal.aborted && !closing.signal.aborted) {
        const isOver = existsSync(files.exit) || !existsSync(files.folder)
        const lines = await cursor.next()
        if (lines.length > 0) await onLines(lines)
        else if (isOver) return
        else await delay(FOLLOW_MS, undefined, { signal }).catch(() => undefined)
      }
    },
    logText: (id) => logText(filesOf(id).log),
    async bytesOf(id) {
      const { logFolder, workspace, artifacts } = filesOf(id)
      const [log, work, made] = await Promise.all([
        sizeOf(logFolder),
        sizeOf(workspace),
        sizeOf(artifacts),
      ])
      return { log, workspace: work, artifacts: made }
    },
    async remove(id) {
      const { folder } = filesOf(id)
      const bytes = await sizeOf(folder)
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
      return bytes
    },
    close: async () => closing.abort(),
  }
}

function prepare(
  job: Job,
  files: JobFiles,
  statsd: StatsdAddress,
  options: LocalExecutorOptions,
): ShimSpec {
  const storage = join(options.dataDir, 'storage')
  const datasets = join(options.dataDir, 'datasets')
  for (const folder of [
    files.logFolder,
    files.workspace,
    files.artifacts,
    files.model,
    storage,
    datasets,
  ])
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  const env = jobEnvironment(job, files, statsd, {
    base: options.baseEnv,
    clientsPythonDir: options.clientsPythonDir,
    hostname: hostname(),
    hostAddress: ownAddress(),
    storage,
    datasets,
  })
  return {
    jobId: job.id,
    command: job.command,
    workspace: job.workspace ?? files.workspace,
    env,
    files,
  }
}

/** The first address of this host that others can reach. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return (
    addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1'
  )
}

/** Compiled beside this file; from the sources (in tests) it is the compiled one all the same, since Node runs no TypeScript. */
const SHIM = fileURLToPath(
  new URL('./shim.js', import.meta.url).href.replace('/server/src/', '/server/dist/'),
)

/** Its environment names no job: what is looked for by PS_JOB_ID must not find the shim. */
async function startShim(spec: ShimSpec): Promise<ShimAnswer> {
  const shim = spawn(process.execPath, ['--max-old-space-size=64', SHIM], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  shim.unref()
  shim.stdin.on('error', () => undefined) // it died early: its missing answer tells
  shim.stdin.end(JSON.stringify(spec))
  const failed = new Promise<never>((_, fail) => shim.once('error', fail))
  const said = await Promise.race([text(shim.stdout), failed])
  return parseAnswer(said)
}

function parseAnswer(said: string): ShimAnswer {
  const answer: unknown = said === '' ? undefined : JSON.parse(said)
  if (typeof answer === 'object' && answer !== null) {
    if ('startedAt' in answer && typeof answer.startedAt === 'number')
      return { startedAt: answer.startedAt }
    if ('reason' in answer && typeof answer.reason === 'string') return { reason: answer.reason }
  }
  return {
    reason: 'The process that should watch the job ended before it could start the command.',
  }
}

async function waitForEnd(id: JobId, files: JobFiles, closing: AbortSignal): Promise<JobEnd> {
  for (let poll = 0; !closing.aborted; poll++) {
    const end = readExit(files.exit)
    if (end) return end
    if (poll % LIVENESS_POLLS === LIVENESS_POLLS - 1 && !isWatched(files))
      return readExit(files.exit) ?? (await declareLost(id, files))
    await delay(POLL_MS)
  }
  return new Promise(() => undefined) // this server is closing: the next one will learn the end
}

function isWatched(files: JobFiles): boolean {
  const record = readShimRecord(files.shim)
  return record !== undefined && isAlive(record.shim)
}

/** The shim is gone without a word. What it watched is ended, so that no job runs that nobody sees. */
async function declareLost(id: JobId, files: JobFiles): Promise<JobEnd> {
  const record = readShimRecord(files.shim)
  if (record) signalAll(id, record.command, 'SIGKILL')
  const reason =
    'The process that watched the job is gone (killed, or the machine was restarted), so its exit code is not known.'
  const end = { kind: 'lost' as const, reason, at: unixMs(Date.now()) }
  if (existsSync(files.folder)) writeJsonFile(files.exit, { version: 1, ...end })
  return end
}

/** TERM to all that runs for the job, KILL to what is left after the time; done when nothing runs and its end is written. */
async function stop(id: JobId, files: JobFiles, killAfterMs: number): Promise<void> {
  const record = readShimRecord(files.shim)
  if (record === undefined) return
  const killAt = Date.now() + killAfterMs
  signalAll(id, record.command, 'SIGTERM')
  while (isAnythingLeft(id, record.command)) {
    if (Date.now() >= killAt) signalAll(id, record.command, 'SIGKILL')
    await delay(POLL_MS / 2)
  }
  while (isAlive(record.shim) && readExit(files.exit) === undefined) await delay(POLL_MS / 2)
}

const isAnythingLeft = (id: JobId, leader: ProcessIdentity): boolean =>
  hasProc() ? processesOf(id, leader).length > 0 : isAlive(leader)

function signalAll(id: JobId, leader: ProcessIdentity, signal: NodeJS.Signals): void {
  const targets = hasProc() ? processesOf(id, leader) : [-leader.pid]
  for (const pid of targets) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

/** Bytes that the files of a folder take on the disk, up to a bound of entries; 0 where there is none. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  let entries = 0
  const waiting = [folder]
  while (waiting.length > 0 && entries < MAX_FOLDER_ENTRIES) {
    const path = waiting.pop() ?? ''
    const names = await readdir(path, { withFileTypes: true }).catch(() => [])
    for (const entry of names) {
      entries += 1
      const child = join(path, entry.name)
      if (entry.isDirectory()) waiting.push(child)
      else bytes += ((await lstat(child).catch(() => undefined))?.blocks ?? 0) * 512
    }
  }
  return bytes
}
