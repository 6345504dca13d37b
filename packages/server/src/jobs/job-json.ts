import type { Job as JobJson } from '@plotline/api'
import { commandLine } from './command-line.ts'
import type { Job } from './job.ts'
import { isSecret, MASK } from './secrets.ts'

/** The job as the API shows it: secrets masked, the command as one line. */
export function jobJson(job: Job, bytes: number): JobJson {
  return {
    id: job.id,
    name: job.name,
    project: job.project,
    state: job.state,
    exitCode: job.exitCode,
    error: job.error,
    command: commandLine(job.command),
    container: job.container,
    workspace: job.workspace,
    env: maskedEnv(job),
    customMetrics: [...job.customMetrics],
    tags: [...job.tags],
    parentId: job.parentId,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    bytes,
  }
}

function maskedEnv(job: Job): Record<string, string> {
  const shown = Object.entries(job.env).map(([name, value]) => [
    name,
    isSecret(job, name) ? MASK : value,
  ])
  return Object.fromEntries(shown)
}
