import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../packages/cli/bin/plotline.mjs', import.meta.url))

/** The built server as a process of its own, on free ports of the loopback. */
export async function serve(dataDir) {
  const args = [BIN, 'serve', '--json', '--data', dataDir, '--port', '0', '--statsd-port', '0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  const [ready] = await Promise.race([once(createInterface(child.stdout), 'line'), ended])
  if (typeof ready !== 'string') throw new Error(`The server ended with ${ready}.`)
  return {
    url: JSON.parse(ready).url,
    key: readFileSync(join(dataDir, 'api-key'), 'utf8').trim(),
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
