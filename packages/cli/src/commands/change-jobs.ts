import { printJson, type Context } from '../context.ts'
import { bytesText } from '@plotline/api/names'
import { paintState } from '../format/paint.ts'
import { plainLine } from '../format/width.ts'
import { forEach, throwAll } from '../for-each.ts'
import { badInput } from '../problem.ts'
import { printSubmitted } from './submit.ts'

export interface DeleteFlags {
  readonly yes?: boolean
}

export async function stopJobs(context: Context, ids: readonly string[]): Promise<void> {
  const { server, terminal } = context
  const { done, problems } = await forEach(ids, (id) => server.stopJob(id))
  if (context.json) printJson(context, { jobs: done })
  else for (const job of done) terminal.print(`${job.id} ${paintState(terminal.paint, job.state)}`)
  throwAll(problems)
}

export async function cloneJob(context: Context, id: string): Promise<void> {
  printSubmitted(context, await context.server.cloneJob(id))
}

export async function deleteJobs(
  context: Context,
  ids: readonly string[],
  flags: DeleteFlags,
): Promise<void> {
  const { server, terminal } = context
  if (flags.yes !== true && !(await isConfirmed(context, ids))) return terminal.note('Kept.')
  const { done, problems } = await forEach(ids, async (id) => ({
    id,
    ...(await server.deleteJob(id)),
  }))
  const bytesFreed = done.reduce((sum, job) => sum + job.bytesFreed, 0)
  if (context.json) printJson(context, { deleted: done, bytesFreed })
  else
    for (const job of done) terminal.print(`Deleted ${job.id}: ${bytesText(job.bytesFreed)} freed.`)
  throwAll(problems)
}

async function isConfirmed(context: Context, ids: readonly string[]): Promise<boolean> {
  const { server, terminal } = context
  if (!terminal.canAsk)
    throw badInput('Deleting is for good. Where nobody can be asked, it takes the flag --yes.')
  for (const id of ids) {
    const { name, state, bytes } = await server.getJob(id)
    terminal.note(`${id} ${plainLine(name)} (${state}, ${bytesText(bytes)})`)
  }
  const what = ids.length === 1 ? 'this job' : `these ${ids.length} jobs`
  const answer = await terminal.ask(
    `Delete ${what} with all metrics, logs, files and artifacts, for good? [y/N] `,
  )
  return /^y(es)?$/i.test(answer.trim())
}
