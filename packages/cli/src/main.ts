import { readFileSync } from 'node:fs'
import { runCommandLine } from './command-line.ts'
import { processEnvironment } from './config.ts'
import type { World } from './context.ts'
import { parseJson } from './parse-json.ts'
import { EXIT_FAILED } from './problem.ts'
import { openTerminal } from './terminal.ts'

// A reader that has seen enough (`| head`) is no failure.
for (const output of [process.stdout, process.stderr])
  output.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : EXIT_FAILED)
  })
process.exitCode = await runCommandLine(openWorld(), process.argv.slice(2))

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
