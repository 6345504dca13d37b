import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { findFault, startFault } from './find-fault.ts'
import { openExitFile, writeShimRecord, type ExitFile } from './job-files.ts'
import { openJobOutput, type JobOutput } from './job-output.ts'
import { areGone, endProcesses, type JobProcesses } from './job-processes.ts'
import { openLogWriter } from './log-writer.ts'
import { identify } from './process-identity.ts'
import type { ShimAnswer, ShimSpec } from './shim-spec.ts'

/** How long what the command left behind may take to end by itself, such as a `tee` that gets its last line. */
const LINGER_MS = 300
/** From TERM to KILL for what did not. */
const LEFTOVER_GRACE_MS = 1000
/** A process that even KILL does not end waits for a device; the job is over without it. */
const UNKILLABLE_MS = 5000
/** The kernel takes at most 128 KiB as one argument. */
const MAX_ARGUMENT_BYTES = 120_000

/**
 * The one process that stays with a job: starts its command in a session of its own, writes its log, ends what is left of it and
 * leaves exit.json. It needs nothing of the server, and survives it. SIGTERM is the request to stop the job.
 */
async function runJob(): Promise<void> {
  const stopRequested = new Promise<void>((stop) => {
    process.on('SIGTERM', () => stop())
    process.on('SIGINT', () => undefined)
    process.on('SIGHUP', () => undefined)
  })
  process.stdout.on('error', () => undefined) // the server is gone: nobody waits for the answer
  const told = await text(process.stdin)
  if (told === '') return // the server went away before it said what to run
  const spec: ShimSpec = JSON.parse(told)
  const exitFile = openExitFile(spec.files.exit)
  const fault = findFault(spec)
  if (fault === undefined) await startAndWatch(spec, exitFile, stopRequested)
  else await endNotStarted(exitFile, fault)
}

async function startAndWatch(
  spec: ShimSpec,
  exitFile: ExitFile,
  stopRequested: Promise<void>,
): Promise<void> {
  const output = openJobOutput(spec.files.logFolder)
  const command = start(spec, output)
  const exited = exitOf(command)
  const failure = await spawned(command)
  if (failure !== undefined) {
    await endNotStarted(exitFile, startFault(spec, failure))
    return output.abandon()
  }
  const leader = identify(command.pid ?? 0)
  const startedAt = Date.now()
  writeShimRecord(spec.files, { shim: identify(process.pid), command: leader, startedAt })
  const { log: linesPath, logIndex: indexPath } = spec.files
  const log = openLogWriter({ linesPath, indexPath, clock: Date.now })
  output.begin(log)
  answer({ startedAt })

  const { exitCode, at } = await endOf(spec, { jobId: spec.jobId, leader }, exited, stopRequested)
  await Promise.race([output.closed, delay(LINGER_MS)])
  log.close()
  await exitFile.write({ version: 1, kind: 'exited', exitCode, at })
  process.exit(0)
}

function start(spec: ShimSpec, { ends }: JobOutput): ChildProcess {
  const [program = '', ...args] = argumentsOf(spec)
  return spawn(program, args, {
    cwd: spec.workspace,
    env: spec.env,
    detached: true,
    stdio: ['ignore', ends.stdout, ends.stderr],
  })
}

function argumentsOf({ command, files }: ShimSpec): readonly string[] {
  if (typeof command !== 'string') return command
  if (Buffer.byteLength(command) <= MAX_ARGUMENT_BYTES) return ['/bin/sh', '-c', command]
  const script = join(files.folder, 'command.sh')
  writeFileSync(script, command, { mode: 0o600 })
  return ['/bin/sh', script]
}

const spawned = (command: ChildProcess): Promise<Error | undefined> =>
  new Promise((done) => {
    command.once('spawn', () => done(undefined))
    command.once('error', done)
  })

interface Exit {
  readonly exitCode: number
  readonly at: number
}

const exitOf = (command: ChildProcess): Promise<Exit> =>
  new Promise((done) => {
    command.once('exit', (code, signal) =>
      done({ exitCode: exitCodeOf(code, signal), at: Date.now() }),
    )
  })

const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal])

/** Resolves when nothing of the job runs any more, be it that the command ended or that it was to be stopped. */
async function endOf(
  spec: ShimSpec,
  processes: JobProcesses,
  exited: Promise<Exit>,
  stopRequested: Promise<void>,
): Promise<Exit> {
  let isStopping = false
  const stopped = stopRequested.then(() => {
    isStopping = true
    return endProcesses(processes, spec.killAfterMs)
  })
  const exit = await Promise.race([exited, stopped.then(() => killed(exited))])
  // What is being stopped has all its time to end well; what a command left behind when it ended has little.
  await (isStopping ? stopped : Promise.race([stopped, endLeftovers(processes)]))
  return exit
}

async function endLeftovers(processes: JobProcesses): Promise<void> {
  if (!(await areGone(processes, LINGER_MS))) await endProcesses(processes, LEFTOVER_GRACE_MS)
}

const killed = (exited: Promise<Exit>): Promise<Exit> =>
  Promise.race([exited, delay(UNKILLABLE_MS).then(() => ({ exitCode: 137, at: Date.now() }))])

async function endNotStarted(exitFile: ExitFile, reason: string): Promise<void> {
  await exitFile.write({ version: 1, kind: 'not-started', reason, at: Date.now() })
  answer({ reason })
}

function answer(value: ShimAnswer): void {
  process.stdout.end(`${JSON.stringify(value)}\n`)
}

await runJob()
