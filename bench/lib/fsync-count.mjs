import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How often this process calls fsync or fdatasync during `work`; undefined where there is no strace that may look on. */
export async function fsyncsDuring(work) {
  const folder = mkdtempSync(join(tmpdir(), 'plotline-bench-strace-'))
  const path = join(folder, 'calls')
  try {
    const tracer = spawn(
      'strace',
      ['-f', '-e', 'trace=fsync,fdatasync', '-o', path, '-p', String(process.pid)],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    if (!(await isAttached(tracer))) return undefined
    const ended = once(tracer, 'exit')
    await work()
    tracer.kill('SIGINT')
    await ended
    // A call that another thread interrupted has a second line, which says "resumed".
    return readFileSync(path, 'utf8').match(/(fsync|fdatasync)\(/g)?.length ?? 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** It tells that it looks on, or ends. */
async function isAttached(tracer) {
  const told = once(tracer.stderr, 'data').then(([text]) => /attached/.test(String(text)))
  const failed = Promise.race([
    once(tracer, 'exit').then(() => false),
    once(tracer, 'error').then(() => false),
  ]).catch(() => false)
  return Promise.race([told, failed])
}
