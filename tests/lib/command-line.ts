import { join } from 'node:path'
import { runCommandLine } from '../../packages/cli/src/command-line.ts'
import { recordingTerminal } from './recording-terminal.ts'
import type { TestServer } from './server.ts'

export interface Outcome {
  readonly out: string
  readonly err: string
  readonly code: number | null
}

export type Environment = Readonly<Record<string, string>>

/** What a command finds that runs in that folder, which is its home too, and is to talk to the server. */
export const surroundings = (
  folder: string,
  { url, key }: Pick<TestServer, 'url' | 'key'>,
): Environment => ({
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  XDG_CONFIG_HOME: join(folder, 'config'),
  TERM: 'xterm',
  PLOTLINE_URL: url,
  PLOTLINE_API_KEY: key,
})

/** A command in this process, which saves the start of one for each: nobody watches, nobody can be asked. */
export async function plotlineIn(
  folder: string,
  environment: Environment,
  args: readonly string[],
): Promise<Outcome> {
  const terminal = recordingTerminal()
  const world = { terminal, environment, folder, now: Date.now, version: '0.0.0' }
  const code = await runCommandLine(world, args)
  return { out: terminal.out(), err: terminal.err(), code }
}
