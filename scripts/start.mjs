// npm start: installs and builds where that is due, serves, and on a new data folder submits the toy job of the README once.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureBuilt, ensureInstalled, ROOT, say } from './lib/prepare.mjs'

ensureInstalled()
ensureBuilt()

const serve = join(ROOT, 'packages/cli/bin/plotline.mjs')
const server = spawn(process.execPath, [serve, 'serve', '--json', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: ['ignore', 'pipe', 'inherit'],
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => server.kill('SIGTERM'))
server.on('exit', (code) => process.exit(code ?? 1))

for await (const line of createInterface({ input: server.stdout })) {
  const { event, url, data, statsd } = JSON.parse(line)
  if (event !== 'listening') continue
  console.log(`listening ${url} data=${data} statsd=${statsd}`)
  await showToyJob(url, data)
}

/** The link of the toy job of this data folder, which is submitted if it never was. */
async function showToyJob(url, data) {
  const key = readFileSync(join(data, 'api-key'), 'utf8').trim()
  const marker = join(data, 'toy-job')
  try {
    if (!existsSync(marker)) writeFileSync(marker, await submitToyJob(url, key))
    const id = readFileSync(marker, 'utf8')
    const kept = await fetch(`${url}/api/v1/jobs/${id}`, { headers: { 'x-api-key': key } })
    const path = kept.ok ? `/jobs/${id}/metrics` : '/'
    say(`\n  Live graphs:  ${url}${path}#key=${key}\n\n  Ctrl-C stops the server; jobs run on.\n`)
  } catch (error) {
    say(`The toy job could not be submitted: ${error.message}. The page is at ${url}/#key=${key}`)
  }
}

async function submitToyJob(url, key) {
  const hasPython = spawnSync('python3', ['--version']).status === 0
  const toy = hasPython ? ['python3', 'toy.py'] : ['node', 'toy.mjs']
  const response = await fetch(`${url}/api/v1/jobs`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'toy',
      command: toy,
      workspace: join(ROOT, 'examples'),
      customMetrics: 'testMetric1, testMetric2',
      tags: ['example'],
    }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error.message)
  return answer.id
}
