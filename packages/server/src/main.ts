import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { randomBytes } from 'node:crypto'
import { MessageChannel } from 'node:worker_threads'
import type { Config } from './config.ts'
import { openDataFolder } from './data-folder.ts'
import { openLocalExecutor } from './executors/local/local-executor.ts'
import { buildApp } from './http/app.ts'
import { openIngest } from './ingest/open-ingest.ts'
import { withRoom } from './jobs/job-store-with-room.ts'
import { openJobs } from './jobs/jobs.ts'
import { logDamage } from './log-damage.ts'
import type { Logger } from './log.ts'
import { openMetricReader } from './metrics/job-metrics.ts'
import { openLiveHub } from './metrics/live-hub.ts'
import { openMetricsGate } from './metrics/metrics-gate.ts'
import { openEmbeddedStore } from './stores/embedded/open-embedded-store.ts'
import { openSqliteJobStore } from './stores/sqlite/sqlite-job-store.ts'
import { unixMs, type UnixMs } from './units.ts'
import { VERSION } from './version.ts'

export interface RunningServer {
  readonly url: string
  readonly statsd: { readonly host: string; readonly port: number }
  readonly apiKey: string
  readonly isNewKey: boolean
  /** Stores what is on its way and lets go of everything; jobs run on. */
  close(): Promise<void>
}

/** How many ended jobs are known by name to ingest, so that their late samples are told from those of strangers. */
const MAX_REMEMBERED_JOBS = 10_000

const clock = (): UnixMs => unixMs(Date.now())

/** The composition root: config -> adapters -> domain -> listeners. The only place that names adapters. */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const startedAt = Date.now()
  const folder = openDataFolder(config.dataDir)
  const undo: (() => Promise<void> | void)[] = [() => folder.release()]
  const opened = <T extends { close(): Promise<void> }>(part: T): T => {
    undo.unshift(() => part.close())
    return part
  }
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0)) await step()
  }

  try {
    const jobStore = opened(openSqliteJobStore(join(config.dataDir, 'meta.db')))
    const metricStore = opened(
      await openEmbeddedStore({
        dataDir: config.dataDir,
        ...(config.minFreeBytes !== undefined && { minFreeBytes: config.minFreeBytes }),
      }),
    )
    opened(logDamage(metricStore, log))
    const ticks = new MessageChannel()
    metricStore.appendFrom(ticks.port1)
    const ingest = opened(
      await openIngest({
        host: config.statsdHost,
        port: config.statsdPort,
        store: ticks.port2,
        floorMs: await metricStore.lastSeq(),
      }),
    )
    const executor = opened(
      openLocalExecutor({
        dataDir: config.dataDir,
        clientsPythonDir: config.clientsPythonDir,
        baseEnv: config.env,
      }),
    )
    const jobs = opened(
      openJobs({
        store: withRoom(jobStore, () => metricStore.makeRoom()),
        executor,
        metrics: openMetricsGate(ingest, metricStore),
        clock,
        random: randomBytes,
        scratchDir: join(config.dataDir, 'incoming'),
        isFolder,
        log,
      }),
    )
    await ingest.remember(await jobStore.endedIds(MAX_REMEMBERED_JOBS))
    await jobs.resume()

    const metrics = openMetricReader(ingest, metricStore)
    const hub = openLiveHub(ingest, metrics)
    const app = opened(
      await buildApp({
        jobs,
        ingest,
        metrics,
        hub,
        apiKey: folder.apiKey,
        allowedHosts: [config.host, ...config.allowedHosts],
        siteDir: config.siteDir,
        facts: { version: VERSION, startedAt, dataDir: config.dataDir },
        clock,
        log,
      }),
    )
    const port = await app.listen(config.host, config.port)
    log.info({ readyMs: Math.round(performance.now()) }, 'ready')
    return {
      url: `http://${urlHost(config.host)}:${port}`,
      statsd: ingest.statsd,
      apiKey: folder.apiKey,
      isNewKey: folder.isNewKey,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A server that listens on all addresses is opened by one of them. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false
