import { runCommandLine } from '../../packages/cli/src/command-line.ts'
import { recordingTerminal } from './recording-terminal.ts'
import type { TestServer } from './server.ts'

export interface Outcome {
  readonly out: string
  readonly err: string
  readonly code: number | null
}

/** A command in this process, against the server, in that folder: nobody watches, nobody can be asked. */
export async function plotlineIn(
  folder: string,
  { url, key }: Pick<TestServer, 'url' | 'key'>,
  args: readonly string[],
): Promise<Outcome> {
  const terminal = recordingTerminal()
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    PLOTLINE_URL: url,
    PLOTLINE_API_KEY: key,
  }
  const world = { terminal, environment, folder, now: Date.now, version: '0.0.0' }
  const code = await runCommandLine(world, args)
  return { out: terminal.out(), err: terminal.err(), code }
}
