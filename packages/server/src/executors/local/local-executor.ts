import { existsSync, mkdirSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Executor, StatsdAddress } from '../../jobs/executor.ts'
import type { Job } from '../../jobs/job.ts'
import { unixMs, type JobId } from '../../units.ts'
import { adoptStart, awaitEnd, stopJob } from './await-end.ts'
import { jobEnvironment } from './environment.ts'
import { jobFiles, type JobFiles } from './job-files.ts'
import { keptFiles, takeFiles } from './kept-files.ts'
import { followLines, logText, readLogPage } from './log-reader.ts'
import { removeFolder } from '../../remove-folder.ts'
import { syncToDisk } from '../../sync-to-disk.ts'
import type { ShimSpec } from './shim-spec.ts'
import { startShim } from './start-shim.ts'

export interface LocalExecutorOptions {
  readonly dataDir: string
  /** Leads PYTHONPATH, so that `from gradient_statsd import Client` works with nothing installed. */
  readonly clientsPythonDir: string
  /** What jobs inherit: the server's own environment. */
  readonly baseEnv: Readonly<Record<string, string>>
  readonly killAfterMs?: number
}

const KILL_AFTER_MS = 10_000
const FOLLOW_MS = 100
const MAX_FOLDER_ENTRIES = 100_000

/**
 * Runs commands on this host, each under a shim of its own that outlives the server. All that it knows of a job is in the job's
 * folder, so that another server finds it there.
 */
export function openLocalExecutor(options: LocalExecutorOptions): Executor {
  const closing = new AbortController()
  const killAfterMs = options.killAfterMs ?? KILL_AFTER_MS
  const filesOf = (id: JobId): JobFiles => jobFiles(options.dataDir, id)

  return {
    async start(job, statsd) {
      const answer = await startShim(prepare(job, filesOf(job.id), statsd, options, killAfterMs))
      return 'startedAt' in answer
        ? { startedAt: unixMs(answer.startedAt) }
        : { reason: answer.reason, code: 'not-started' as const }
    },
    adopt: (id) => adoptStart(filesOf(id)),
    ended: (id) => awaitEnd(id, filesOf(id), closing.signal),
    stop: (id) => stopJob(id, filesOf(id), killAfterMs),
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
      const { logFolder, workspace, artifacts, model } = filesOf(id)
      const [log, work, made, models] = await Promise.all([
        sizeOf(logFolder),
        sizeOf(workspace),
        sizeOf(artifacts),
        sizeOf(model),
      ])
      return { log, workspace: work, artifacts: made + models }
    },
    files: (id) => keptFiles(filesOf(id).folder),
    takeFiles: (id, from) => takeFiles(from, filesOf(id).folder),
    async remove(id) {
      const { folder } = filesOf(id)
      const bytes = await sizeOf(folder)
      await removeFolder(folder)
      // Or a power cut could bring back what nobody knows of any more.
      if (existsSync(dirname(folder))) syncToDisk(dirname(folder))
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
  killAfterMs: number,
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
    killAfterMs,
  }
}

/** The first address of this host that others can reach. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return (
    addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1'
  )
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
