import type { Job } from '../../jobs/job.ts'
import { commandLine } from '../../jobs/command-line.ts'
import type { Row, SqlValue } from '../../sqlite/database.ts'

/** The columns that are searched and sorted by, then the whole job as JSON. */
export function rowOfJob(job: Job): SqlValue[] {
  const { id, name, state, project, command, tags, createdAt, startedAt, finishedAt } = job
  const words = [name, id, commandLine(command)].join('\n').toLowerCase()
  return [
    id,
    name,
    state,
    project,
    words,
    JSON.stringify(tags),
    createdAt,
    startedAt,
    finishedAt,
    JSON.stringify(job),
  ]
}

/** `body` was written by rowOfJob of this version or, with the fields that version knew, of an older one. */
export function jobOfRow(row: Row): Job {
  const job: Job = JSON.parse(String(row['body']))
  return job
}
