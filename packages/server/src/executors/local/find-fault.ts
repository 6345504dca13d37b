import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { resolve } from 'node:path'

export interface Startable {
  readonly command: string | readonly string[]
  readonly workspace: string
  readonly env: Readonly<Record<string, string>>
}

/** Why a command cannot be started, as far as one can tell before; undefined: it can be tried. */
export function findFault(startable: Startable): string | undefined {
  const { command, workspace } = startable
  if (!isFolder(workspace)) return `The working directory ${workspace} is not there.`
  const program = typeof command === 'string' ? programOf(command) : undefined
  if (program === undefined) return undefined
  if (program.includes('/')) return fileFault(program, resolve(workspace, program))
  return isKnownToShell(program, startable) ? undefined : notFound(program)
}

/** A program of the PATH, or a word of the shell's own (cd, for). */
function isKnownToShell(program: string, { workspace, env }: Startable): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', program], {
    cwd: workspace,
    env,
    stdio: 'ignore',
  })
  return status === 0
}

/** Why it could not be started, from what the system said. */
export function startFault({ command, workspace }: Startable, error: Error): string {
  const code = 'code' in error ? error.code : undefined
  const program = typeof command === 'string' ? '/bin/sh' : (command[0] ?? '')
  if (code === 'ENOENT') return notFound(program)
  if (code === 'EACCES') return notExecutable(program)
  if (code === 'ENOTDIR') return `The working directory ${workspace} is not a folder.`
  if (code === 'E2BIG') return 'The command and its environment are longer than the system allows.'
  return `The command could not be started: ${error.message}`
}

const notFound = (program: string): string => `Command not found: ${program}`

const notExecutable = (program: string): string =>
  `Not executable: ${program}. Make it so (chmod +x), or name the program that runs it.`

/**
 * The program of a plain command line. A shell tells of a missing one only by exit code 127, which a program may give too, so it is
 * looked for before the shell is asked to run it. Undefined where the shell may come to something else: `a || b`, `a; b`, `A=1 b`.
 */
export function programOf(command: string): string | undefined {
  const bare = command.trim().replaceAll(/'[^']*'|"(?:\\[\s\S]|[^"\\])*"/g, '""')
  if (/;|\n|\|\||[^>&]&[^>&]|[^>&]&$|`|\$\(/.test(bare)) return undefined
  return /^[A-Za-z0-9_./+-]+(?=\s|$)/.exec(bare)?.[0]
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function fileFault(program: string, path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return notFound(program)
  try {
    accessSync(path, constants.X_OK)
    return undefined
  } catch {
    return notExecutable(program)
  }
}
