import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import {
  bootId,
  identify,
  isAlive,
  isDead,
  readStat,
  readText,
  type ProcessIdentity,
  type ProcessStat,
} from './process-identity.ts'

/** The processes of one job. */
export interface JobProcesses {
  readonly jobId: string
  /** The command; undefined when it is not known whether one was started. */
  readonly leader: ProcessIdentity | undefined
}

const FIRST_LOOK_MS = 20
const LAST_LOOK_MS = 250
/** KILL is sent again until nothing is left: what forks faster than it is listed loses in the end. */
const MAX_KILLS = 100
const AFTER_KILL_MS = 30

/** TERM to all of them; KILL to what is left after `graceMs`. Resolves when nothing is left, or nothing that can be killed. */
export async function endProcesses(of: JobProcesses, graceMs: number): Promise<void> {
  signalAll(of, 'SIGTERM')
  if (await areGone(of, graceMs)) return
  await killProcesses(of)
}

export async function killProcesses(of: JobProcesses): Promise<void> {
  for (let kills = 0; kills < MAX_KILLS && isAnythingLeft(of); kills++) {
    signalAll(of, 'SIGKILL')
    await delay(AFTER_KILL_MS)
  }
}

const isAnythingLeft = (of: JobProcesses): boolean => targetsOf(of).length > 0

/** Looks seldom where it takes long, since each look reads all of /proc. */
export async function areGone(of: JobProcesses, withinMs: number): Promise<boolean> {
  let waitedMs = 0
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 1.5, LAST_LOOK_MS)) {
    if (!isLeaderAlive(of) && !isAnythingLeft(of)) return true
    if (waitedMs >= withinMs) return false
    await delay(Math.min(lookMs, withinMs - waitedMs))
    waitedMs += lookMs
  }
}

const isLeaderAlive = ({ leader }: JobProcesses): boolean => leader !== undefined && isAlive(leader)

function signalAll(of: JobProcesses, signal: NodeJS.Signals): void {
  for (const target of targetsOf(of)) {
    try {
      process.kill(target, signal)
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

/** What `kill` takes: pids on Linux, the process group elsewhere. */
function targetsOf(of: JobProcesses): readonly number[] {
  if (bootId() !== '') return processesOf(of)
  return of.leader !== undefined && isGroupThere(of.leader.pid) ? [-of.leader.pid] : []
}

function isGroupThere(pid: number): boolean {
  try {
    process.kill(-pid, 0)
    return true
  } catch {
    return false
  }
}

/**
 * Pids of all that runs for a job: the members of its process group and session, their descendants, and whatever left all of these
 * (setsid, double fork) but was born with the job's environment.
 */
export function processesOf({ jobId, leader }: JobProcesses): readonly number[] {
  const all = allProcesses()
  const isOfLeader = leader === undefined ? () => false : membership(leader)
  const marker = `\0PS_JOB_ID=${jobId}\0`
  const found = new Set<number>()
  for (const stat of all) if (isOfLeader(stat) || hasMarker(stat.pid, marker)) found.add(stat.pid)
  addDescendants(found, all)
  return all.filter((stat) => found.has(stat.pid) && !isDead(stat)).map(({ pid }) => pid)
}

/** A number is not given again while it still names a group or session; one that was is known by its leader's start time. */
function membership(leader: ProcessIdentity): (stat: ProcessStat) => boolean {
  const current = identify(leader.pid)
  const isReused = current.startTicks !== '' && current.startTicks !== leader.startTicks
  if (isReused || current.bootId !== leader.bootId) return () => false
  return ({ group, session }) => group === leader.pid || session === leader.pid
}

function addDescendants(found: Set<number>, all: readonly ProcessStat[]): void {
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid)
  }
}

const hasMarker = (pid: number, marker: string): boolean =>
  `\0${readText(`/proc/${pid}/environ`)}\0`.includes(marker)

function allProcesses(): readonly ProcessStat[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isSafeInteger)
  return pids.flatMap((pid) => readStat(pid) ?? [])
}
