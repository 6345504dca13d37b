import { readdirSync, readFileSync } from 'node:fs'

/** A process for good: pids are used again, also within minutes, but not with the same start time in the same boot. */
export interface ProcessIdentity {
  readonly pid: number
  /** Field 22 of /proc/PID/stat; empty where there is no /proc. */
  readonly startTicks: string
  /** /proc/sys/kernel/random/boot_id; empty where there is none. */
  readonly bootId: string
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startTicks: readStat(pid)?.startTicks ?? '', bootId: bootId() }
}

/** Whether that very process still runs; a zombie does not. */
export function isAlive({ pid, startTicks, bootId: boot }: ProcessIdentity): boolean {
  if (boot !== bootId()) return false
  if (boot === '') return answersSignal(pid)
  const stat = readStat(pid)
  return (
    stat !== undefined && stat.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X'
  )
}

/**
 * Pids of all that runs for a job: the members of its process group, and whatever left the group (setsid, double fork) but was
 * born with the job's environment.
 */
export function processesOf(jobId: string, leader: ProcessIdentity): number[] {
  const marker = `PS_JOB_ID=${jobId}\0`
  const leaderStat = readStat(leader.pid)
  const isGroupOurs = leaderStat === undefined || leaderStat.startTicks === leader.startTicks
  return allPids().filter((pid) => {
    const stat = readStat(pid)
    if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return false
    const inGroup = isGroupOurs && leader.bootId === bootId() && stat.group === leader.pid
    return inGroup || hasMarker(pid, marker)
  })
}

export const hasProc = (): boolean => bootId() !== ''

interface Stat {
  readonly state: string
  readonly group: number
  readonly startTicks: string
}

/** The command name in parentheses may hold anything, also parentheses: fields count from the last one. */
function readStat(pid: number): Stat | undefined {
  const text = readText(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, , group] = fields
  const startTicks = fields[19]
  return state === undefined || group === undefined || startTicks === undefined
    ? undefined
    : { state, group: Number(group), startTicks }
}

function hasMarker(pid: number, marker: string): boolean {
  return `\0${readText(`/proc/${pid}/environ`)}\0`.includes(`\0${marker}`)
}

function allPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isSafeInteger)
  } catch {
    return []
  }
}

const bootId = (): string => readText('/proc/sys/kernel/random/boot_id').trim()

/** Empty for what is not there, or another user's. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
