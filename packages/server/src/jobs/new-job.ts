import { checkMetricNames, type MetricNameProblem, type NewJob } from '@plotline/api'
import type { MetricName } from '@plotline/wire'
import { isAbsolute } from 'node:path'
import { PlotlineError, type ErrorDetail } from '../errors.ts'
import type { JobId, UnixMs } from '../units.ts'
import type { Job } from './job.ts'

/** What a person says about a job; the rest of a Job is the server's to say. */
export type JobRequest = Pick<
  Job,
  'project' | 'command' | 'container' | 'workspace' | 'env' | 'secrets' | 'customMetrics' | 'tags'
> & {
  /** Undefined: the default name. */
  readonly name: string | undefined
}

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Reads a request to submit a job; throws the PlotlineError that tells the person what is wrong with it. */
export function readNewJob(request: NewJob): JobRequest {
  const customMetrics = readMetricNames(request.customMetrics, 'The job was not submitted.')
  checkCommand(request.command)
  checkContainer(request.container)
  checkEnv(request.env ?? {})
  return {
    name: blankToUndefined(request.name),
    project: blankToUndefined(request.project) ?? 'default',
    command: request.command,
    container: null,
    workspace: readWorkspace(request.workspace),
    env: { ...request.env },
    secrets: [...new Set(request.secrets)],
    customMetrics,
    tags: [...new Set(request.tags)],
  }
}

/** The job as it begins. */
export function newJob(
  id: JobId,
  number: number,
  request: JobRequest,
  parentId: JobId | null,
  createdAt: UnixMs,
): Job {
  return {
    id,
    name: request.name ?? `job ${number}`,
    project: request.project,
    state: 'Pending',
    exitCode: null,
    error: null,
    command: request.command,
    container: request.container,
    workspace: request.workspace,
    env: request.env,
    secrets: request.secrets,
    customMetrics: request.customMetrics,
    tags: request.tags,
    parentId,
    createdAt,
    startedAt: null,
    finishedAt: null,
    statsdPort: null,
    stopRequested: false,
  }
}

/** The names, checked. `refusal` opens the sentence where there are several problems. */
export function readMetricNames(given: unknown, refusal: string): readonly MetricName[] {
  const { names, problems } = checkMetricNames(given)
  const [first] = problems
  if (first === undefined) return names
  const message = problems.length === 1 ? first.message : `${refusal} ${summary(problems)}`
  throw new PlotlineError(first.code, message, problems.map(detail))
}

function summary(problems: readonly MetricNameProblem[]): string {
  const ofTheList = problems.filter(({ index }) => index === undefined).map((p) => p.message)
  const names = problems.length - ofTheList.length
  const ofNames =
    names === 0 ? [] : [`Custom Metrics has ${names} invalid name${names === 1 ? '' : 's'}.`]
  const texts = [...ofNames, ...ofTheList]
  return `${texts.length} problem${texts.length === 1 ? '' : 's'}: ${texts.join(' ')}`
}

const detail = (problem: MetricNameProblem): ErrorDetail => ({ ...problem })

function checkCommand(command: NewJob['command']): void {
  const words = typeof command === 'string' ? [command] : command
  if ((words[0] ?? '').trim() === '') throw invalid('command', 'A job needs a command.')
  if (words.some(hasNul)) throw invalid('command', 'A command cannot hold a NUL character.')
}

function checkContainer(container: NewJob['container']): void {
  if ((container ?? '').trim() === '') return
  throw new PlotlineError(
    'CONTAINER_UNSUPPORTED',
    `This server runs commands on the host itself, so the job cannot run in the container "${container}". Submit it without a container.`,
  )
}

function checkEnv(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (!ENV_NAME.test(name)) throw invalid('env', badEnvName(name))
    if (hasNul(value))
      throw invalid('env', `The environment variable ${name} holds a NUL character.`)
  }
}

const badEnvName = (name: string): string =>
  `The environment variable ${JSON.stringify(name)} has a name that shells do not take. Use letters, digits and "_", not beginning with a digit.`

/** Null: a folder of the job's own. Whether the path exists is checked where it matters, at submission. */
function readWorkspace(workspace: NewJob['workspace']): string | null {
  if (workspace === undefined || workspace === null) return null
  if (workspace === 'none' || workspace.trim() === '') return null
  if (isAbsolute(workspace) && !hasNul(workspace)) return workspace
  throw invalid(
    'workspace',
    `The workspace "${workspace}" is not an absolute path. Give one that begins with "/", or "none" for a folder of the job's own.`,
  )
}

const invalid = (field: string, message: string): PlotlineError =>
  new PlotlineError('INVALID_JOB', message, [{ field, message }])

const hasNul = (text: string): boolean => text.includes('\0')

const blankToUndefined = (text: string | undefined): string | undefined =>
  text === undefined || text.trim() === '' ? undefined : text
