import { readFileSync } from 'node:fs'

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
  return stat !== undefined && stat.startTicks === startTicks && !isDead(stat)
}

export const bootId = (): string => readText('/proc/sys/kernel/random/boot_id').trim()

export interface ProcessStat {
  readonly pid: number
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly startTicks: string
}

export const isDead = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X'

/** The command name in parentheses may hold anything, also parentheses: fields count from the last one. */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readText(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, parent, group, session] = fields
  const startTicks = fields[19]
  if (state === undefined || startTicks === undefined) return undefined
  return {
    pid,
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTicks,
  }
}

/** Empty for what is not there, or another user's. */
export function readText(path: string): string {
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
