import { isFinal, JobState } from '@plotline/api'
import { isMetricName } from '@plotline/wire'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { isJobId, unixMs, type UnixMs } from '../../units.ts'
import type { Job } from '../job.ts'
import { badArchive } from './bad-archive.ts'

const WAS_RUNNING =
  'The job was not over when it was exported. This is what it had until then; nothing of it runs here.'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()])
const Texts = Type.Array(Type.String())
const Time = Type.Number({ minimum: -8.64e15, maximum: 8.64e15 })

/** job.json of docs/format/archive.md. */
const ArchivedJob = Type.Object({
  version: Type.Literal(1),
  exportedAt: Time,
  job: Type.Object({
    id: Type.String(),
    name: Type.String(),
    project: Type.String(),
    state: JobState,
    exitCode: Nullable(Type.Integer()),
    error: Nullable(Type.String()),
    command: Type.Union([Type.String(), Texts]),
    container: Nullable(Type.String()),
    workspace: Nullable(Type.String()),
    env: Type.Record(Type.String(), Type.String()),
    secrets: Texts,
    customMetrics: Texts,
    tags: Texts,
    parentId: Nullable(Type.String()),
    createdAt: Time,
    startedAt: Nullable(Time),
    finishedAt: Nullable(Time),
  }),
})

/** The text of job.json. */
export function archivedJob(job: Job, exportedAt: UnixMs, withSecrets: boolean): string {
  const { statsdPort: _port, stopRequested: _stop, ...own } = job
  const shown = Object.entries(job.env).filter(([name]) => !job.secrets.includes(name))
  const env = withSecrets ? job.env : Object.fromEntries(shown)
  return JSON.stringify({ version: 1, exportedAt, job: { ...own, env } })
}

/** The job that the text describes, as it is where it is imported. BAD_ARCHIVE where it describes none. */
export function jobOfArchive(text: string): Job {
  const archived = parse(text)
  if (!Value.Check(ArchivedJob, archived)) throw badArchive('its job.json describes no job')
  const { job, exportedAt } = archived
  const { id, parentId } = job
  if (!isJobId(id)) throw badArchive(`"${id.slice(0, 40)}" is no id of a job`)
  return {
    ...job,
    id,
    parentId: parentId !== null && isJobId(parentId) ? parentId : null,
    customMetrics: job.customMetrics.filter(isMetricName),
    createdAt: unixMs(job.createdAt),
    startedAt: job.startedAt === null ? null : unixMs(job.startedAt),
    finishedAt: job.finishedAt === null ? null : unixMs(job.finishedAt),
    statsdPort: null,
    stopRequested: false,
    ...(isFinal(job.state)
      ? {}
      : { state: 'Error', error: WAS_RUNNING, finishedAt: unixMs(exportedAt) }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badArchive('its job.json is no JSON')
  }
}
