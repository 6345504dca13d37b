import { checkMetricNames, splitMetricList, type Job, type NewJob } from '@plotline/api'
import { resolve } from 'node:path'
import { isLoopback, type Environment } from '../config.ts'
import { graphsLink, printJson, type Context } from '../context.ts'
import { badInput } from '../problem.ts'

/** Flags of `run` and `jobs create`. */
export interface SubmitFlags {
  readonly metrics?: readonly string[]
  readonly name?: string
  readonly env?: readonly string[]
  readonly secret?: readonly string[]
  readonly tag?: readonly string[]
  readonly project?: string
  readonly workspace?: string
}

export async function submitJob(
  context: Context,
  command: NewJob['command'],
  flags: SubmitFlags,
): Promise<Job> {
  const customMetrics = metricNames(flags.metrics)
  const workspace = workspaceOf(context, flags.workspace)
  const secrets = readVariables(flags.secret ?? [], context.environment)
  const env = { ...readVariables(flags.env ?? [], context.environment), ...secrets }
  return context.server.createJob({
    command,
    env,
    workspace,
    customMetrics,
    secrets: Object.keys(secrets),
    tags: [...(flags.tag ?? [])],
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.project === undefined ? {} : { project: flags.project }),
  })
}

/** A job that nobody waits for here: its id is the result. */
export function printSubmitted(context: Context, job: Job): void {
  if (context.json) return printJson(context, job)
  noteJob(context, job)
  context.terminal.print(job.id)
}

export function noteJob(context: Context, job: Job): void {
  context.terminal.note(`job ${job.id} ${job.name}`)
  context.terminal.note(graphsLink(context, job))
}

/** Refused here in the server's own words, since both ask the same function. */
function metricNames(lists: readonly string[] = []): string[] {
  const names = lists.flatMap(splitMetricList)
  const { problems } = checkMetricNames(names)
  if (problems.length > 0) throw badInput(...problems.map(({ message }) => message))
  return names
}

/** The folder that one stands in, where the server shares it. */
function workspaceOf({ server, folder }: Context, given: string | undefined): string {
  if (given === 'none') return 'none'
  if (isLoopback(server.address.url)) return resolve(folder, given ?? '.')
  if (given === undefined) return 'none'
  if (given.startsWith('/')) return given
  throw badInput(
    `The workspace "${given}" is a path of this machine, but the job runs on ${server.address.url}. Give an absolute path of that machine, or "none".`,
  )
}

/** `K=V`, or `K` alone for the value that it has here. */
export function readVariables(
  given: readonly string[],
  environment: Environment,
): Record<string, string> {
  return Object.fromEntries(given.map((text) => readVariable(text, environment)))
}

function readVariable(text: string, environment: Environment): [name: string, value: string] {
  const equals = text.indexOf('=')
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)]
  const value = equals === 0 ? undefined : environment[text]
  if (value !== undefined) return [text, value]
  throw badInput(`"${text}" is no variable of the environment. Write it as NAME=VALUE.`)
}
