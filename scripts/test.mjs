// npm test: brings what the tests need on a fresh machine, runs every check and every test, and closes with one line of counts.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, ROOT, say } from './lib/prepare.mjs'

ensureInstalled()
ensureSystemPackages()
ensureBuilt()

const bin = (name) => join(ROOT, 'node_modules/.bin', name)
const CHECKS = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
  { name: 'types of tests', command: 'tsc', args: ['-p', 'tsconfig.test.json'] },
  { name: 'dead code', command: 'knip', args: ['--no-config-hints'] },
  ...['wire', 'api', 'client'].map((name) => ({
    name: `shape of the package ${name}`,
    command: 'publint',
    args: ['--strict', `packages/${name}`],
  })),
]

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const { name, command, args } of CHECKS) {
  say(`\n== ${name}`)
  const { status } = spawnSync(bin(command), args, { cwd: ROOT, stdio: 'inherit' })
  if (status === 0) counts.passed++
  else counts.failed++
}
say('\n== tests')
runVitest()
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed === 0 ? 0 : 1)

function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), 'plotline-tests-'))
  const file = join(folder, 'results.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { status } = spawnSync(bin('vitest'), ['run', ...reporters, ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  if (existsSync(file)) {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(file, 'utf8'),
    )
    counts.passed += numPassedTests
    counts.failed += numFailedTests
    counts.skipped += numPendingTests + numTodoTests
  }
  // A suite that breaks before its first test, or an error outside of any, fails no test but fails the run.
  if (status !== 0 && counts.failed === 0) counts.failed++
  rmSync(folder, { recursive: true })
}

/** The page's tests drive the system's own Chromium, one of a clock that jumps needs libfaketime, those of disks that fail a compiler. */
function ensureSystemPackages() {
  if (!isAnyThere(['/usr/bin/chromium', '/usr/bin/google-chrome']))
    installSystemPackages(['chromium'], 'the tests of the page')
  const libraries = ['x86_64', 'aarch64'].map(
    (machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`,
  )
  if (!isAnyThere(libraries)) installSystemPackages(['libfaketime'], 'the test of clocks that jump')
  if (!isAnyThere(['/usr/bin/cc']) || !isAnyThere(['/usr/include/stdio.h']))
    installSystemPackages(['gcc', 'libc6-dev'], 'the tests of disks that fail and lose power')
}

function isAnyThere(paths) {
  return paths.some((path) => existsSync(path))
}

/** Where they are not to be had, what needs them is skipped, and said so. */
function installSystemPackages(names, what) {
  const isRoot = process.getuid?.() === 0
  const [command, lead] = isRoot ? ['apt-get', []] : ['sudo', ['-n', 'apt-get']]
  say(`Installing ${names.join(' ')} for ${what} (once) ...`)
  const quiet = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }
  for (let attempt = 1; attempt <= 3; attempt++) {
    spawnSync(command, [...lead, 'update', '-qq'], quiet)
    const install = [...lead, 'install', '-y', '-qq', '--no-install-recommends', ...names]
    if (spawnSync(command, install, quiet).status === 0) return
  }
  say(`SKIPPED: ${names.join(' ')} could not be installed, which skips ${what}.`)
}
