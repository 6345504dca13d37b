import { CommanderError } from 'commander'
import { readFileSync } from 'node:fs'
import { processEnvironment } from './config.ts'
import type { World } from './context.ts'
import { parseJson } from './parse-json.ts'
import { EXIT_BAD_INPUT, EXIT_FAILED, Problem } from './problem.ts'
import { buildProgram } from './program.ts'
import { openTerminal } from './terminal.ts'

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : EXIT_FAILED)
})
process.exitCode = await main(process.argv)

async function main(argv: readonly string[]): Promise<number> {
  const world = openWorld()
  let exitCode = 0
  try {
    await buildProgram(world, (code) => (exitCode = code)).parseAsync(argv)
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT
    if (error instanceof Problem) {
      for (const line of error.lines) world.terminal.note(line)
      return error.exitCode
    }
    world.terminal.note(`This is a bug in plotline ${world.version}; please report it with:`)
    world.terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return EXIT_FAILED
  }
}

function openWorld(): World {
  const environment = processEnvironment()
  const isSet = (name: string): boolean => (environment[name] ?? '') !== ''
  return {
    environment,
    terminal: openTerminal(isSet('NO_COLOR') || environment['TERM'] === 'dumb'),
    folder: process.cwd(),
    now: Date.now,
    version: versionOf(new URL('../package.json', import.meta.url)),
  }
}

function versionOf(file: URL): string {
  const manifest = parseJson(readFileSync(file, 'utf8'))
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return ''
  return String(manifest.version)
}
