import type { LogLine } from '@plotline/api'
import { printJson, type Context } from '../context.ts'
import { followJob } from '../follow-job.ts'
import { formatLogLine } from '../format/log-line.ts'

export interface LogsFlags {
  readonly follow?: boolean
  readonly tail?: number
  readonly timestamps?: boolean
}

const PAGE_LINES = 10_000

/** Prints a job's log, both streams in the order of the log, and goes on with it when asked to. */
export async function jobLogs(context: Context, id: string, flags: LogsFlags): Promise<void> {
  const job = await context.server.getJob(id)
  const show = (line: LogLine): void => showLine(context, line, flags.timestamps === true)
  const start = flags.tail === undefined ? 0 : await lineBeforeTail(context, id, flags.tail)
  const held = await printPages(context, id, start, show)
  if (flags.follow !== true) return
  await followJob(context, { job, after: held, onLine: show, onJob: () => undefined }).finished
}

async function lineBeforeTail({ server }: Context, id: string, tail: number): Promise<number> {
  const { total } = await server.readLog(id, { limit: 1 })
  return Math.max(0, total - tail)
}

/** Up to the end that the log had when it was reached; returns the last line's number. */
async function printPages(
  { server }: Context,
  id: string,
  start: number,
  show: (line: LogLine) => void,
): Promise<number> {
  let after = start
  for (;;) {
    const { lines, total } = await server.readLog(id, { after, limit: PAGE_LINES })
    for (const line of lines) show(line)
    const last = lines.at(-1)
    if (last === undefined) return after
    after = last.n
    if (after >= total) return after
  }
}

function showLine(context: Context, line: LogLine, timestamps: boolean): void {
  if (context.json) return printJson(context, line)
  context.terminal.print(formatLogLine(line, context.terminal.paint, timestamps))
}
