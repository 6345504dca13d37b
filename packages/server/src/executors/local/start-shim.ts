import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { writeShimRecord } from './job-files.ts'
import { identify } from './process-identity.ts'
import type { ShimAnswer, ShimSpec } from './shim-spec.ts'

/** Compiled beside this file; from the sources (in tests) it is the compiled one all the same, since Node 20 runs no TypeScript. */
const SHIM = fileURLToPath(
  new URL('./shim.js', import.meta.url).href.replace('/server/src/', '/server/dist/'),
)
/** One shim a job: a small heap, no threads to compile or collect in. */
const NODE_FLAGS = ['--max-old-space-size=64', '--max-semi-space-size=1', '--v8-pool-size=1']

/**
 * Starts a shim and tells it what to run. That it runs is on the disk before it knows, so that a server that starts after a crash
 * finds it. Its environment names no job: what is looked for by PS_JOB_ID must not find the shim.
 */
export async function startShim(spec: ShimSpec): Promise<ShimAnswer> {
  const errors = openSync(spec.files.shimErrors, 'a', 0o600)
  const shim = spawn(process.execPath, [...NODE_FLAGS, SHIM], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'pipe', errors],
  })
  closeSync(errors)
  shim.unref()
  const { stdin, stdout } = shim
  if (stdin === null || stdout === null) throw new Error('A process was started without its pipes.')
  stdin.on('error', () => undefined) // it died early: its missing answer tells
  const failed = new Promise<never>((_, fail) => shim.once('error', fail))
  if (shim.pid !== undefined) {
    writeShimRecord(spec.files, { shim: identify(shim.pid), command: null, startedAt: null })
    stdin.end(JSON.stringify(spec))
  }
  return readAnswer(await Promise.race([text(stdout), failed]), spec)
}

function readAnswer(said: string, { files }: ShimSpec): ShimAnswer {
  const answer: unknown = said === '' ? undefined : JSON.parse(said)
  if (typeof answer === 'object' && answer !== null) {
    if ('startedAt' in answer && typeof answer.startedAt === 'number')
      return { startedAt: answer.startedAt }
    if ('reason' in answer && typeof answer.reason === 'string') return { reason: answer.reason }
  }
  const why = /^\w*Error.*$/m.exec(readFileSync(files.shimErrors, 'utf8'))?.[0] ?? ''
  return {
    reason:
      `The process that should watch the job ended before it could start the command. ${why}`.trim(),
  }
}
