import { spawn, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { KEY_FILE, type Environment } from './config.ts'
import { parseJson } from './parse-json.ts'
import { failed, type Problem } from './problem.ts'
import { connectServer, type ServerClient } from './server-client.ts'

const PROGRAM = fileURLToPath(new URL('../bin/plotline.mjs', import.meta.url))
/** Of what it says on standard error, the beginning. */
const MAX_ERROR_CHARACTERS = 10_000

const Ready = Type.Object({ url: Type.String() })

export interface ServerProcess {
  readonly server: ServerClient
  /** Resolves when it has ended, and all that it was given is stored. */
  stop(): Promise<void>
}

/**
 * A server of our own on a data folder, on free ports of the loopback, until `signal` ends it or it is stopped. Its settings are the
 * presets, whatever the environment says.
 */
export async function startServer(
  dataFolder: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<ServerProcess> {
  const flags = ['--host', '127.0.0.1', '--port', '0', '--statsd-port', '0', '--json']
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--data', dataFolder, ...flags], {
    env: withoutSettings(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>((resolve) => void child.once('close', () => resolve()))
  const said = errorsOf(child)
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  signal.addEventListener('abort', () => child.kill('SIGTERM'))
  const ready = await Promise.race([firstLine(child), exited])
  const facts = parseJson(ready ?? '')
  if (!Value.Check(Ready, facts)) {
    await stop()
    throw notStarted(dataFolder, said())
  }
  const apiKey = (await readFile(join(dataFolder, KEY_FILE), 'utf8')).trim()
  return { server: connectServer({ url: facts.url, apiKey, keySource: dataFolder }), stop }
}

const withoutSettings = (environment: Environment): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('PLOTLINE_')))

function firstLine({ stdout }: ChildProcess): Promise<string | void> {
  if (stdout === null) return Promise.resolve()
  const lines = createInterface({ input: stdout })
  return new Promise((resolve) => {
    lines.once('line', resolve)
    lines.once('close', () => resolve())
  })
}

function errorsOf({ stderr }: ChildProcess): () => string {
  let text = ''
  stderr?.setEncoding('utf8').on('data', (piece: string) => {
    if (text.length < MAX_ERROR_CHARACTERS) text += piece
  })
  return () => text.trim()
}

const notStarted = (dataFolder: string, said: string): Problem =>
  failed(
    `The server that was to restore into ${dataFolder} did not start.`,
    ...(said === '' ? [] : said.split('\n')),
  )
