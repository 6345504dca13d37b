import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { versionOf } from './installed.mjs'

const BINARY = 'victoria-metrics'
const READY_WITHIN_MS = 20_000
const SETTLED_WITHIN_MS = 60_000
/** Values in one line of an import. */
const LINE_POINTS = 50_000

export const victoriaVersion = versionOf(BINARY, ['--version'])

/** A VictoriaMetrics of our own on a free port of the loopback, on `folder`, keeping whatever the time of its points. */
export async function startVictoria(folder) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    BINARY,
    [
      `-storageDataPath=${folder}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=100y',
      '-loggerLevel=ERROR',
    ],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'exit')
  const data = join(folder, 'data')
  let loaded = 0
  await untilReady(url)
  const call = async (path, body) => {
    const answer = await fetch(url + path, { method: body === undefined ? 'GET' : 'POST', body })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`VictoriaMetrics, ${path}: ${answer.status} ${text}`)
    return text
  }
  return {
    call,
    /** Folders with its points and the index of their names; its caches and locks are not counted. */
    stored: [data, join(folder, 'indexdb')],
    /** Points of one series, or some more of them. */
    async load({ name, labels = {}, t, values }) {
      loaded += t.length
      for (let at = 0; at < t.length; at += LINE_POINTS) {
        const metric = { __name__: name, ...labels }
        const timestamps = Array.from(t.slice(at, at + LINE_POINTS))
        const line = { metric, values: Array.from(values.slice(at, at + LINE_POINTS)), timestamps }
        await call('/api/v1/import', JSON.stringify(line))
      }
    },
    /** Resolves once all points that were loaded are on the disk, in as few parts as it ever makes of them. */
    async settle() {
      await call('/internal/force_flush')
      await call('/internal/force_merge')
      const end = performance.now() + SETTLED_WITHIN_MS
      for (;;) {
        await sleep(250)
        const isMerging = !/^vm_active_force_merges 0$/m.test(await call('/metrics'))
        if (!isMerging && rowsBelow(data) === loaded) return
        if (performance.now() > end)
          throw new Error(`VictoriaMetrics has ${rowsBelow(data)} of ${loaded} points on the disk.`)
      }
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** A part is a folder, ROWS_BLOCKS_FROM_TO_ID, in that of its month. */
function rowsBelow(data) {
  return ['small', 'big']
    .flatMap((kind) => monthsOf(join(data, kind)))
    .flatMap((month) => readdirSync(month))
    .reduce((rows, part) => rows + Number(/^(\d+)_\d+_/.exec(part)?.[1] ?? 0), 0)
}

const monthsOf = (folder) =>
  readdirSync(folder)
    .filter((name) => /^\d{4}_\d{2}$/.test(name))
    .map((name) => join(folder, name))

async function untilReady(url) {
  const end = performance.now() + READY_WITHIN_MS
  for (;;) {
    const isReady = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return
    if (performance.now() > end) throw new Error('VictoriaMetrics does not answer.')
    await sleep(50)
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
