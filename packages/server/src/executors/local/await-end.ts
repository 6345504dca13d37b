import { existsSync, watch, type FSWatcher } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { basename } from 'node:path'
import type { JobEnd, Start } from '../../jobs/executor.ts'
import { unixMs, type JobId } from '../../units.ts'
import { readExit, readShimRecord, writeJsonFile, type JobFiles } from './job-files.ts'
import { endProcesses, killProcesses, type JobProcesses } from './job-processes.ts'
import { bootId, isAlive } from './process-identity.ts'

/** How often a shim is asked whether it lives. An end in good order is told by the folder's change, at once. */
const LIVENESS_MS = 1000
/** A shim that was asked to stop its job and is not done so long after the KILL is ended itself. */
const SHIM_LATE_MS = 7000
const LOOK_MS = 20

/** Resolves with the job's end. Never, once `closing` aborts: the next server will learn it. */
export function awaitEnd(id: JobId, files: JobFiles, closing: AbortSignal): Promise<JobEnd> {
  return new Promise((resolve, reject) => {
    const watcher = watchFolder(files, look)
    const timer = setInterval(look, LIVENESS_MS)
    const letGo = (): void => {
      watcher?.close()
      clearInterval(timer)
      closing.removeEventListener('abort', letGo)
    }
    closing.addEventListener('abort', letGo)
    let isDone = false
    look()

    function look(): void {
      if (isDone || closing.aborted) return
      const end = endOf(files)
      if (end === undefined) return
      isDone = true
      letGo()
      Promise.resolve(end === 'lost' ? declareLost(id, files) : end).then(resolve, reject)
    }
  })
}

/** Undefined while it runs, and while the disk does not tell: a job is not lost because its files cannot be read. */
function endOf(files: JobFiles): JobEnd | 'lost' | undefined {
  try {
    const end = readExit(files.exit)
    if (end !== undefined || isWatched(files)) return end
    // The shim may have written its last word between the two looks.
    return readExit(files.exit) ?? 'lost'
  } catch {
    return undefined
  }
}

/** Undefined where there is nothing to watch, or no watch to be had: then the timer looks. */
function watchFolder(files: JobFiles, look: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(files.folder, { persistent: false }, (_event, name) => {
      if (name === basename(files.exit)) look()
    })
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}

function isWatched(files: JobFiles): boolean {
  const record = readShimRecord(files.shim)
  return record !== undefined && isAlive(record.shim)
}

/** The shim is gone without a word. What it watched is ended, so that no job runs that nobody sees. */
async function declareLost(id: JobId, files: JobFiles): Promise<JobEnd> {
  // Nothing survives a boot, and to look for it would cost a start of the server with many such jobs its time.
  if (readShimRecord(files.shim)?.shim.bootId === bootId())
    await killProcesses(processesOf(id, files))
  const reason =
    'The process that watched the job is gone (killed, or the machine was restarted), so its exit code is not known.'
  const end = { kind: 'lost' as const, reason, at: unixMs(Date.now()) }
  try {
    if (existsSync(files.folder)) writeJsonFile(files.exit, { version: 1, ...end })
  } catch {
    // A full disk: the job is lost all the same, and found so again by whoever asks next.
  }
  return end
}

/**
 * What an earlier server, or its shim, came to. A shim that is still at the start is given its time. Where the disk does not tell,
 * the job is taken for running: {@link awaitEnd} asks on.
 */
export async function adoptStart(files: JobFiles): Promise<Start | undefined> {
  try {
    return await foundStart(files)
  } catch {
    return { startedAt: unixMs(Date.now()) }
  }
}

async function foundStart(files: JobFiles): Promise<Start | undefined> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const record = readShimRecord(files.shim)
    const end = readExit(files.exit)
    if (end?.kind === 'not-started') return { reason: end.reason, code: 'not-started' }
    if (record?.startedAt !== undefined && record.startedAt !== null)
      return { startedAt: unixMs(record.startedAt) }
    if (record === undefined || !isAlive(record.shim)) return undefined
    if (waitedMs > SHIM_LATE_MS) signal(record.shim.pid, 'SIGKILL')
    await delay(LOOK_MS)
  }
}

/** Resolves when nothing of the job runs. The shim does it, and goes on with it where this server does not. */
export async function stopJob(id: JobId, files: JobFiles, killAfterMs: number): Promise<void> {
  const shim = readShimRecord(files.shim)?.shim
  if (shim === undefined) return
  if (isAlive(shim)) signal(shim.pid, 'SIGTERM')
  const lateAt = Date.now() + killAfterMs + SHIM_LATE_MS
  while (isAlive(shim) && readExit(files.exit) === undefined) {
    if (Date.now() >= lateAt) signal(shim.pid, 'SIGKILL')
    await delay(LOOK_MS)
  }
  // Without its last word nobody knows what the shim left.
  if (readExit(files.exit)?.kind !== 'exited')
    await endProcesses(processesOf(id, files), killAfterMs)
}

function processesOf(jobId: JobId, files: JobFiles): JobProcesses {
  return { jobId, leader: readShimRecord(files.shim)?.command ?? undefined }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended in the meantime.
  }
}
