import { CommanderError } from 'commander'
import type { World } from './context.ts'
import { EXIT_BAD_INPUT, EXIT_FAILED, Problem } from './problem.ts'
import { buildProgram } from './program.ts'

/** Runs the command that the arguments name and answers its exit code. Expected failures are told in a line each. */
export async function runCommandLine(world: World, args: readonly string[]): Promise<number> {
  let exitCode = 0
  try {
    await buildProgram(world, (code) => (exitCode = code)).parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return failure(world, error)
  }
}

function failure({ terminal, version }: World, error: unknown): number {
  // Commander has told what was wrong, or shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT
  if (error instanceof Problem) {
    for (const line of error.lines) terminal.note(line)
    return error.exitCode
  }
  terminal.note(`This is a bug in plotline ${version}; please report it with:`)
  terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return EXIT_FAILED
}
