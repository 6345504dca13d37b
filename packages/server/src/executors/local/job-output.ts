import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import type { LogWriter } from './log-writer.ts'

const FLUSH_MS = 50
const BYTES_PER_SECOND = 10 * 2 ** 20
const STREAMS = ['stdout', 'stderr'] as const

/** Where a job's output comes in. */
export interface JobOutput {
  /** What the command takes as its standard output and error. */
  readonly ends: { readonly stdout: number; readonly stderr: number }
  /** To be called once the command has its ends: the pipes are over when it and all that it started have closed theirs. */
  begin(log: LogWriter): void
  /** There is no command to give them to. */
  abandon(): void
  /** Resolves when nobody can write any more and all is with the log. */
  readonly closed: Promise<void>
}

/**
 * Named pipes, unlinked as soon as both ends are open. Node's own pipes for children are sockets, which cannot be opened again as
 * /dev/stdout or /dev/stderr: scripts that say `echo ... > /dev/stderr` would fail.
 */
export function openJobOutput(folder: string): JobOutput {
  const stdout = openPipe(`${folder}/stdout.pipe`)
  const stderr = openPipe(`${folder}/stderr.pipe`)
  const sockets = {
    stdout: new Socket({ fd: stdout.readEnd, writable: false }),
    stderr: new Socket({ fd: stderr.readEnd, writable: false }),
  }
  return {
    ends: { stdout: stdout.writeEnd, stderr: stderr.writeEnd },
    begin(log) {
      closeSync(stdout.writeEnd)
      closeSync(stderr.writeEnd)
      pump(sockets, log)
    },
    abandon() {
      closeSync(stdout.writeEnd)
      closeSync(stderr.writeEnd)
      for (const stream of STREAMS) sockets[stream].destroy()
    },
    closed: Promise.all([isClosed(sockets.stdout), isClosed(sockets.stderr)]).then(() => undefined),
  }
}

function openPipe(path: string): { readonly readEnd: number; readonly writeEnd: number } {
  execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' })
  // Without O_NONBLOCK each end would wait for the other; the reader's flag is its own, the writer's end stays a usual one.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writeEnd = openSync(path, constants.O_WRONLY)
  unlinkSync(path)
  return { readEnd, writeEnd }
}

const isClosed = (socket: Socket): Promise<void> =>
  new Promise((done) => socket.once('close', () => done()))

/** Output to the log, at most so many bytes a second: above that the job waits in its pipe, as for any slow reader. */
function pump(sockets: Readonly<Record<'stdout' | 'stderr', Socket>>, log: LogWriter): void {
  let budgetBytes = BYTES_PER_SECOND
  const all = STREAMS.map((stream) => sockets[stream])
  for (const stream of STREAMS) {
    sockets[stream].on('error', () => undefined) // 'close' follows
    sockets[stream].on('data', (chunk: Buffer) => {
      log.write(stream, chunk)
      budgetBytes -= chunk.length
      if (budgetBytes < 0) for (const socket of all) socket.pause()
    })
  }
  setInterval(() => {
    log.flush()
    budgetBytes = Math.min(BYTES_PER_SECOND, budgetBytes + (BYTES_PER_SECOND * FLUSH_MS) / 1000)
    if (budgetBytes > 0) for (const socket of all) socket.resume()
  }, FLUSH_MS).unref()
}
