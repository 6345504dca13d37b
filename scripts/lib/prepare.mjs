import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const INSTALL_ATTEMPTS = 3
const OLDEST_NODE = [20, 19]
const INSTALLED = join(ROOT, 'node_modules', '.plotline-installed')
const BUILT = join(ROOT, 'node_modules', '.plotline-built')

/** Installs what package-lock.json names, unless just that is installed already. */
export function ensureInstalled() {
  checkNode()
  const wanted = hash(readFileSync(join(ROOT, 'package-lock.json')))
  if (read(INSTALLED) === wanted) return
  say('Installing (once) ...')
  installPackages()
  writeFileSync(INSTALLED, wanted)
}

/**
 * Not `npm ci`: it refuses a lock file that lacks builds for other platforms, and a registry that does not carry those makes just
 * such lock files. `--no-save` takes the versions of the lock file and leaves the file alone. Registries have bad minutes, so it is tried again.
 */
function installPackages() {
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  for (let attempt = 1; attempt < INSTALL_ATTEMPTS; attempt++)
    if (spawnSync('npm', args, { cwd: ROOT, stdio: 'inherit' }).status === 0) return
  run('npm', args)
}

/** Builds all packages, unless no source has changed since. */
export function ensureBuilt() {
  const wanted = hash(sources().join('\n'))
  if (read(BUILT) === wanted && existsSync(join(ROOT, 'packages/web/dist/site/index.html'))) return
  say('Building ...')
  run('npm', ['run', '--silent', 'build'])
  writeFileSync(BUILT, wanted)
}

/** Runs a command to its end, its output before the eyes of the person who waits. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options })
  if (status === 0) return
  say(
    `"${command} ${args.join(' ')}" failed${error ? `: ${error.message}` : ` with exit code ${status}`}.`,
  )
  process.exit(1)
}

/** Progress goes to standard error: standard output is the program's own. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  say(`Plotline needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`)
  process.exit(1)
}

/** One line a file: path, size and time of change. */
function sources() {
  const packages = readdirSync(join(ROOT, 'packages'))
  const folders = packages.flatMap((name) => walk(join(ROOT, 'packages', name)))
  return [...folders, join(ROOT, 'tsconfig.base.json'), join(ROOT, 'package-lock.json')].map(
    (file) => {
      const { size, mtimeMs } = statSync(file)
      return `${file} ${size} ${mtimeMs}`
    },
  )
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (
      entry.name === 'dist' ||
      entry.name === 'node_modules' ||
      entry.name.endsWith('.tsbuildinfo')
    )
      return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : [path]
  })
}

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)
const hash = (content) => createHash('sha256').update(content).digest('hex')
