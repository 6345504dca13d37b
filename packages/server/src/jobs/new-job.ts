import { checkMetricNames, type MetricNameProblem, type NewJob } from '@plotline/api'
import type { MetricName } from '@plotline/wire'
import { isAbsolute } from 'node:path'
import { PlotlineError } from '../errors.ts'
import type { Job } from './job.ts'

/** What a person decides of a job; the rest is the server's. */
export type JobSpec = Pick<
  Job,
  'project' | 'command' | 'container' | 'workspace' | 'env' | 'secrets' | 'customMetrics' | 'tags'
> & { readonly name: string | null }

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * Checks a request as far as that goes without looking at the machine. Throws the coded error of what is wrong first; metric
 * names come first of all, since they are what people get wrong.
 */
export function checkNewJob(request: NewJob): JobSpec {
  const customMetrics = checkedNames(request.customMetrics, 'submitted')
  return {
    name: request.name?.trim() || null,
    project: request.project?.trim() || 'default',
    command: checkedCommand(request.command),
    container: checkedContainer(request.container),
    workspace: checkedWorkspace(request.workspace),
    env: checkedEnv(request.env ?? {}),
    secrets: request.secrets ?? [],
    customMetrics,
    tags: [...new Set(request.tags)],
  }
}

/** The names, or the error that tells what is wrong with them. `done`: what would have become of the job. */
export function checkedNames(given: unknown, done: 'submitted' | 'changed'): readonly MetricName[] {
  const { names, problems } = checkMetricNames(given)
  const [first] = problems
  if (first === undefined) return names
  const message = problems.length === 1 ? first.message : summary(problems, done)
  throw new PlotlineError(
    first.code,
    message,
    problems.map((problem) => ({ ...problem })),
  )
}

function summary(problems: readonly MetricNameProblem[], done: string): string {
  const bad = problems.filter(({ index }) => index !== undefined).length
  const parts = [
    ...(bad > 0 ? [`Custom Metrics has ${bad} invalid ${bad === 1 ? 'name' : 'names'}.`] : []),
    ...problems.filter(({ index }) => index === undefined).map(({ message }) => message),
  ]
  const count = parts.length === 1 ? '1 problem' : `${parts.length} problems`
  return `The job was not ${done}. ${count}: ${parts.join(' ')}`
}

function checkedCommand(command: NewJob['command']): Job['command'] {
  const words = typeof command === 'string' ? [command] : command
  if (words[0]?.trim() === '' || words.length === 0)
    throw invalid('command', 'The command is empty.')
  if (words.some((word) => word.includes('\0')))
    throw invalid('command', 'The command holds a NUL character.')
  return command
}

function checkedContainer(container: string | null | undefined): null {
  if (container === undefined || container === null || container === '') return null
  throw new PlotlineError(
    'CONTAINER_UNSUPPORTED',
    `This server runs commands on the host itself and cannot start the container "${container}". Leave the container out.`,
  )
}

function checkedWorkspace(workspace: string | null | undefined): string | null {
  if (workspace === undefined || workspace === null || workspace === '' || workspace === 'none')
    return null
  if (isAbsolute(workspace) && !workspace.includes('\0')) return workspace
  throw invalid(
    'workspace',
    `The workspace "${workspace}" must be an absolute path on the server's host, or "none".`,
  )
}

function checkedEnv(env: Readonly<Record<string, string>>): Job['env'] {
  for (const [name, value] of Object.entries(env)) {
    if (!ENV_NAME.test(name))
      throw invalid(
        'env',
        `"${name}" cannot name an environment variable: use letters, digits and "_", no digit first.`,
      )
    if (value.includes('\0')) throw invalid('env', `The value of ${name} holds a NUL character.`)
  }
  return env
}

const invalid = (field: string, message: string): PlotlineError =>
  new PlotlineError('INVALID_JOB', message, [{ field, message }])
