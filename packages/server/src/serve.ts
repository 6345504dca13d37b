import { ConfigError, readConfig, USAGE, type Config } from './config.ts'
import { DataFolderError } from './data-folder.ts'
import { openLog, type Logger } from './log.ts'
import { startServer, type RunningServer } from './main.ts'

/** How long a stop may take before the process ends all the same: what is stored is safe, jobs run on. */
const MAX_CLOSE_MS = 10_000

/** `plotline serve`: starts, says that it is ready, and ends with the first signal. Exit codes: 0 stopped, 1 failed, 2 bad options. */
async function serve(args: readonly string[]): Promise<void> {
  try {
    const config = readConfig(args)
    if (config === 'help') return void process.stdout.write(USAGE)
    const log = openLog(config.logLevel)
    const server = await startServer(config, log)
    endWith(server, log)
    announce(server, config)
  } catch (error) {
    fail(error)
  }
}

function announce({ url, statsd, apiKey, isNewKey }: RunningServer, config: Config): void {
  const address = `${statsd.host}:${statsd.port}`
  process.stdout.write(
    config.json
      ? `${JSON.stringify({ event: 'listening', url, data: config.dataDir, statsd: address })}\n`
      : `listening ${url} data=${config.dataDir} statsd=${address}\n`,
  )
  if (isNewKey)
    process.stderr.write(
      `Open ${url}/#key=${apiKey}\nThe key is kept in ${config.dataDir}/api-key.\n`,
    )
}

function endWith(server: RunningServer, log: Logger): void {
  let ending = false
  const end = (code: number): void => {
    if (ending) return
    ending = true
    setTimeout(() => process.exit(code), MAX_CLOSE_MS).unref()
    server.close().then(
      () => process.exit(code),
      (error: unknown) => {
        log.error({ err: error }, 'stop failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => end(0))
  process.on('SIGINT', () => end(0))
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'bug: please report it')
    end(1)
  })
}

function fail(error: unknown): void {
  const [text, code] = explain(error)
  process.stderr.write(`plotline serve: ${text}\n`)
  process.exit(code)
}

/** One line that names the way out, and the exit code. */
function explain(error: unknown): [string, number] {
  if (error instanceof ConfigError) return [error.message, 2]
  if (error instanceof DataFolderError) return [error.message, 1]
  if (!(error instanceof Error)) return [String(error), 1]
  const { code, port = '', address = '', syscall } = systemErrorOf(error)
  const place = `${address}:${port}`
  const isUdp = syscall === 'bind'
  const flag = isUdp ? '--statsd-port' : '--port'
  if (code === 'EADDRINUSE')
    return [
      `${place} is taken by another program. Give another one with ${flag} PORT (0 picks a free one).`,
      1,
    ]
  if (code === 'EACCES')
    return [`This user may not listen on ${place}. Give a port above 1023 with ${flag} PORT.`, 1]
  if (code === 'EADDRNOTAVAIL')
    return [
      `This machine has no address ${address}. Give one of its own with ${isUdp ? '--statsd-host' : '--host'} HOST.`,
      1,
    ]
  return [error.stack ?? error.message, 1]
}

interface SystemError {
  readonly code?: string
  readonly syscall?: string
  readonly address?: string
  readonly port?: number
}

/** What the system said of a socket that could not be opened. */
const systemErrorOf = (error: Error): SystemError => (isSystemError(error) ? error : {})

const isSystemError = (error: Error): error is Error & SystemError => 'syscall' in error

// Whoever read what is said here may be gone: that ends no server.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
await serve(process.argv.slice(3))
