import type { Job, LogLine } from '@plotline/api'
import { printJson, type Context } from '../context.ts'
import { followJob } from '../follow-job.ts'
import { formatDuration } from '../format/duration.ts'
import { formatLogLine } from '../format/log-line.ts'
import { paintState } from '../format/paint.ts'
import type { Live } from '../live-client.ts'
import { EXIT_CANCELLED, EXIT_FAILED, Problem } from '../problem.ts'
import type { Interrupt } from '../terminal.ts'
import { noteJob, printSubmitted, submitJob, type SubmitFlags } from './submit.ts'

export interface RunFlags extends SubmitFlags {
  readonly detach?: boolean
}

const QUESTION =
  'Stop the job (s), detach and let it run on (d), or keep watching (any other key)? '
const CTRL_C = '\u0003'

/** Submits a job, streams its log and answers the exit code that is the job's. */
export async function run(
  context: Context,
  command: readonly string[],
  flags: RunFlags,
): Promise<number> {
  const early: Interrupt[] = []
  const forget = context.terminal.onInterrupt((signal) => early.push(signal))
  const job = await submitJob(context, [...command], flags).finally(forget)
  if (flags.detach === true) {
    printSubmitted(context, job)
    return 0
  }
  return watch(context, job, early)
}

async function watch(context: Context, job: Job, early: readonly Interrupt[]): Promise<number> {
  let latest = job
  showSubmitted(context, job)
  const live = followJob(context, {
    job,
    after: 0,
    onLine: (line) => showLine(context, line),
    onJob: (change) => {
      latest = change
      if (context.json) printJson(context, { type: 'job', job: change })
    },
  })
  const interrupts = answerInterrupts(context, job.id, live)
  for (const signal of early) interrupts.take(signal)
  try {
    await Promise.race([live.finished, interrupts.failure])
  } finally {
    interrupts.close()
    live.close()
  }
  const leave = interrupts.leave()
  if (leave !== undefined) return leave
  showEnd(context, latest)
  return exitCodeOf(latest)
}

interface InterruptAnswers {
  take(signal: Interrupt): void
  /** Rejects when the job could not be stopped. */
  readonly failure: Promise<never>
  /** The exit code of having left the job to itself; undefined when it was watched to its end. */
  leave(): number | undefined
  close(): void
}

/** Ctrl-C asks whether to stop or to detach where there is somebody to ask, and stops the job where not; once more detaches. */
function answerInterrupts(context: Context, id: string, live: Live): InterruptAnswers {
  const { terminal, server } = context
  let state: 'watching' | 'asking' | 'stopping' = 'watching'
  let left: number | undefined
  let fail: ((problem: unknown) => void) | undefined
  const failure = new Promise<never>((_resolve, reject) => {
    fail = reject
  })

  const detach = (exitCode: number): void => {
    left = exitCode
    terminal.note(`Detached: the job goes on. Follow it with: plotline jobs logs ${id} -f`)
    live.close()
  }
  const stop = (): void => {
    state = 'stopping'
    terminal.note('Stopping the job…')
    server.stopJob(id).catch((problem: unknown) => {
      // It ended by itself in the meantime.
      if (!(problem instanceof Problem) || problem.code !== 'JOB_NOT_RUNNING') fail?.(problem)
    })
  }
  const ask = async (): Promise<void> => {
    state = 'asking'
    live.pause()
    const key = await terminal.askKey(QUESTION)
    live.resume()
    state = 'watching'
    if (key === 's' || key === 'S') stop()
    else if (key === 'd' || key === 'D' || key === CTRL_C) detach(0)
  }
  const take = (signal: Interrupt): void => {
    if (state === 'stopping') detach(EXIT_CANCELLED)
    else if (state === 'asking') detach(0)
    else if (terminal.canAsk && signal === 'SIGINT')
      ask().catch((problem: unknown) => fail?.(problem))
    else stop()
  }

  return { take, failure, leave: () => left, close: terminal.onInterrupt(take) }
}

function showSubmitted(context: Context, job: Job): void {
  noteJob(context, job)
  if (context.json) printJson(context, { type: 'job', job })
}

function showLine(context: Context, line: LogLine): void {
  const { terminal, json } = context
  if (json) printJson(context, { type: 'log', line })
  else if (line.stream === 'stdout') terminal.print(formatLogLine(line, terminal.paint))
  else terminal.note(formatLogLine(line, terminal.paintNote))
}

function showEnd({ terminal }: Context, job: Job): void {
  const { state, startedAt, finishedAt, exitCode, error } = job
  const took =
    startedAt === null || finishedAt === null
      ? ''
      : ` after ${formatDuration(finishedAt - startedAt)}`
  const code = state === 'Failed' && exitCode !== null ? ` (exit ${exitCode})` : ''
  const why = error === null ? '' : `: ${error}`
  terminal.note(`job ${job.id} ${paintState(terminal.paintNote, state)}${code}${took}${why}`)
}

export function exitCodeOf({ state, exitCode }: Pick<Job, 'state' | 'exitCode'>): number {
  if (state === 'Stopped') return 0
  if (state === 'Cancelled') return EXIT_CANCELLED
  if (state === 'Failed' && exitCode !== null && exitCode !== 0) return exitCode
  return EXIT_FAILED
}
