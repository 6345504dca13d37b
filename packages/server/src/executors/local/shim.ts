import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { text } from 'node:stream/consumers'
import { writeJsonFile, type JobFiles } from './job-files.ts'
import { openLogWriter, type LogWriter } from './log-writer.ts'
import { identify, processesOf, type ProcessIdentity } from './process-identity.ts'

/** What the server tells the shim on its standard input. Never stored: the environment holds secrets. */
export interface ShimSpec {
  readonly jobId: string
  readonly command: string | readonly string[]
  readonly workspace: string
  readonly env: Readonly<Record<string, string>>
  readonly files: JobFiles
}

/** What the shim answers on its standard output, once. */
export type ShimAnswer = { readonly startedAt: number } | { readonly reason: string }

const FLUSH_MS = 50
const BYTES_PER_SECOND = 10 * 2 ** 20
/** How long output may still come from what the command left behind, before that is killed. */
const DRAIN_MS = 300

/**
 * The one process that stays with a job: starts its command in a session of its own, writes its log, leaves exit.json. It needs
 * nothing of the server, and survives it.
 */
async function runJob(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
  process.stdout.on('error', () => undefined) // the server is gone: nobody waits for the answer
  const spec: ShimSpec = JSON.parse(await text(process.stdin))
  const reason = findFault(spec)
  if (reason !== undefined) return endNotStarted(spec, reason)

  const { files } = spec
  const log = openLogWriter({ linesPath: files.log, indexPath: files.logIndex, clock: Date.now })
  const command = start(spec)
  command.once('error', (error) => {
    log.close()
    endNotStarted(spec, startFault(spec, error))
  })
  command.once('spawn', () => {
    const leader = identify(command.pid ?? 0)
    const startedAt = Date.now()
    writeJsonFile(files.shim, {
      version: 1,
      shim: identify(process.pid),
      command: leader,
      startedAt,
    })
    answer({ startedAt })
    writeLog(command, log)
    command.once(
      'exit',
      (code, signal) => void end(spec, command, leader, log, exitCodeOf(code, signal)),
    )
  })
}

function start({ command, workspace, env }: ShimSpec): ChildProcess {
  const [program = '', ...args] = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  return spawn(program, args, {
    cwd: workspace,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/**
 * A shell tells of a missing program only by exit code 127, which a program may give too. So the first word of a plain command line
 * is looked for before the shell is asked to run it.
 */
function findFault({ command, workspace, env }: ShimSpec): string | undefined {
  if (typeof command !== 'string') return undefined
  const [word] = /^[A-Za-z0-9_./+-]+(?=\s|$)/.exec(command.trim()) ?? []
  if (word === undefined) return undefined
  const { status } = spawnSync('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', word], {
    cwd: workspace,
    env,
    stdio: 'ignore',
  })
  return status === 0 ? undefined : `Command not found: ${word}`
}

function startFault({ command, workspace }: ShimSpec, error: Error): string {
  const code = 'code' in error ? error.code : undefined
  const program = typeof command === 'string' ? '/bin/sh' : (command[0] ?? '')
  if (code === 'ENOENT') return `Command not found: ${program}`
  if (code === 'EACCES') return `Not allowed to run ${program} in ${workspace}: is it executable?`
  if (code === 'E2BIG') return 'The command line and environment are longer than the system allows.'
  return `The command could not be started: ${error.message}`
}

function endNotStarted({ files }: ShimSpec, reason: string): void {
  writeJsonFile(files.exit, { version: 1, kind: 'not-started', reason, at: Date.now() })
  answer({ reason })
}

function answer(value: ShimAnswer): void {
  process.stdout.end(`${JSON.stringify(value)}\n`)
}

/** Output to the log, at most so many bytes a second: above that the job waits in its pipe, as for any slow reader. */
function writeLog(command: ChildProcess, log: LogWriter): void {
  let budget = BYTES_PER_SECOND
  const pipes = [
    ['stdout', command.stdout],
    ['stderr', command.stderr],
  ] as const
  for (const [stream, pipe] of pipes)
    pipe?.on('data', (chunk: Buffer) => {
      log.write(stream, chunk)
      budget -= chunk.length
      if (budget < 0) for (const [, each] of pipes) each?.pause()
    })
  setInterval(() => {
    log.flush()
    budget = Math.min(BYTES_PER_SECOND, budget + (BYTES_PER_SECOND * FLUSH_MS) / 1000)
    if (budget > 0) for (const [, each] of pipes) each?.resume()
  }, FLUSH_MS).unref()
}

/** The command is over: with it goes what it left running. Then the log is whole, and only then is the end told. */
async function end(
  { jobId, files }: ShimSpec,
  command: ChildProcess,
  leader: ProcessIdentity,
  log: LogWriter,
  exitCode: number,
): Promise<void> {
  const at = Date.now()
  const closed = new Promise<void>((done) => command.once('close', () => done()))
  await Promise.race([closed, delay(DRAIN_MS)])
  killAll(jobId, leader)
  await Promise.race([closed, delay(DRAIN_MS)])
  log.close()
  writeJsonFile(files.exit, { version: 1, kind: 'exited', exitCode, at })
  process.exit(0)
}

function killAll(jobId: string, leader: ProcessIdentity): void {
  for (const pid of processesOf(jobId, leader)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal])

const delay = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

await runJob()
