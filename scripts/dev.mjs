// npm run dev: compiles on change, serves on the usual address, and runs the page's own dev server with hot reload before it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, ROOT } from './lib/prepare.mjs'

ensureInstalled()
ensureBuilt()
const children = [
  spawn(join(ROOT, 'node_modules/.bin/tsc'), ['-b', '--watch', '--preserveWatchOutput'], {
    cwd: ROOT,
    stdio: 'inherit',
  }),
  spawn(
    process.execPath,
    ['--watch', 'packages/cli/bin/plotline.mjs', 'serve', ...process.argv.slice(2)],
    {
      cwd: ROOT,
      stdio: 'inherit',
    },
  ),
  spawn('npm', ['run', 'dev', '--workspace', 'packages/web'], { cwd: ROOT, stdio: 'inherit' }),
]
const end = () => {
  for (const child of children) child.kill('SIGTERM')
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end)
