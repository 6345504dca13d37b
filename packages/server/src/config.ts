import { DEFAULT_PORT, DEFAULT_STATSD_PORT } from '@plotline/api'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export interface Config {
  readonly dataDir: string
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly statsdHost: string
  readonly statsdPort: number
  /** Bytes that samples leave free on the disk; undefined: what the store presets. */
  readonly minFreeBytes: number | undefined
  /** Names beside IP addresses, localhost and this host's own by which browsers may call the server. */
  readonly allowedHosts: readonly string[]
  readonly logLevel: string
  /** Print what there is to say as JSON. */
  readonly json: boolean
  /** The built page. */
  readonly siteDir: string
  /** Leads PYTHONPATH in every job. */
  readonly clientsPythonDir: string
  /** What jobs inherit. */
  readonly env: Readonly<Record<string, string>>
}

export const USAGE = `Usage: plotline serve [options]

Runs jobs and draws the metrics that they send.

Options (also in the environment, or as "name": value in the file of --config; flags win over the environment over the file)
  --data DIR            where everything is kept             ./data      PLOTLINE_DATA
  --host HOST           address of the page and the API      127.0.0.1   PLOTLINE_HOST
  --port PORT           0 picks a free one                   ${DEFAULT_PORT}        PLOTLINE_PORT
  --statsd-host HOST    address that takes StatsD by UDP     127.0.0.1   PLOTLINE_STATSD_HOST
  --statsd-port PORT    0 picks a free one                   ${DEFAULT_STATSD_PORT}        PLOTLINE_STATSD_PORT
  --min-free SIZE       room of the disk left free of samples, 512M or 2G     PLOTLINE_MIN_FREE
                        preset: 256M, or a twentieth of a small disk
  --allowed-hosts A,B   further names of this server, when a proxy stands before it    PLOTLINE_ALLOWED_HOSTS
  --log-level LEVEL     fatal, error, warn, info, debug      warn        PLOTLINE_LOG_LEVEL
  --config FILE         JSON: {"port": 8400, "statsd-host": "0.0.0.0"}   PLOTLINE_CONFIG
  --json                print the line that tells it is ready as JSON
  --help

When ready it prints: listening http://HOST:PORT data=DIR statsd=HOST:PORT
Exit codes: 0 stopped, 1 could not run, 2 bad options.
`

/** A mistake in the options: the text says which and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const OPTIONS = {
  data: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'statsd-host': { type: 'string' },
  'statsd-port': { type: 'string' },
  'min-free': { type: 'string' },
  'allowed-hosts': { type: 'string' },
  'log-level': { type: 'string' },
  config: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Setting =
  | 'data'
  | 'host'
  | 'port'
  | 'statsd-host'
  | 'statsd-port'
  | 'min-free'
  | 'allowed-hosts'
  | 'log-level'
type Settings = Partial<Record<Setting, string>>

const SETTINGS: readonly Setting[] = [
  'data',
  'host',
  'port',
  'statsd-host',
  'statsd-port',
  'min-free',
  'allowed-hosts',
  'log-level',
]
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** Reads flags over environment over file over defaults. 'help': that was all that was asked for. Throws ConfigError. */
export function readConfig(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Config | 'help' {
  const flags = parseFlags(args)
  if (flags.help) return 'help'
  const fromFile = readFile(flags.config ?? env['PLOTLINE_CONFIG'])
  const pick = (setting: Setting): string | undefined =>
    flags[setting] ?? env[environmentName(setting)] ?? fromFile[setting]

  return Object.freeze({
    dataDir: resolve(pick('data') ?? 'data'),
    host: pick('host') ?? '127.0.0.1',
    port: portOf('port', pick('port'), DEFAULT_PORT),
    statsdHost: pick('statsd-host') ?? '127.0.0.1',
    statsdPort: portOf('statsd-port', pick('statsd-port'), DEFAULT_STATSD_PORT),
    minFreeBytes: sizeOf('min-free', pick('min-free')),
    allowedHosts: [hostname(), ...(pick('allowed-hosts')?.split(',') ?? [])].map((name) =>
      name.trim().toLowerCase(),
    ),
    logLevel: oneOf('log-level', pick('log-level') ?? 'warn', LOG_LEVELS),
    json: flags.json ?? false,
    siteDir: fileURLToPath(new URL('../../web/dist/site', import.meta.url)),
    clientsPythonDir: fileURLToPath(new URL('../../../clients/python', import.meta.url)),
    env: Object.fromEntries(
      Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  })
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values
  } catch (error) {
    const [text = ''] = String(error instanceof Error ? error.message : error).split('. ')
    throw new ConfigError(`${text}. See: plotline serve --help`)
  }
}

const environmentName = (setting: Setting): string =>
  `PLOTLINE_${setting.toUpperCase().replaceAll('-', '_')}`

function readFile(path: string | undefined): Settings {
  if (path === undefined) return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(
      `The config file ${path} cannot be read: ${String(error instanceof Error ? error.message : error)}`,
    )
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new ConfigError(`The config file ${path} must hold one JSON object.`)
  return settingsOf(path, parsed)
}

function settingsOf(path: string, parsed: object): Settings {
  const settings: Settings = {}
  for (const [name, value] of Object.entries(parsed)) {
    const setting = SETTINGS.find((known) => known === name)
    if (setting === undefined)
      throw new ConfigError(
        `The config file ${path} has an unknown name "${name}". Known: ${SETTINGS.join(', ')}.`,
      )
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new ConfigError(`In the config file ${path} "${name}" must be text or a number.`)
    settings[setting] = String(value)
  }
  return settings
}

function portOf(setting: Setting, text: string | undefined, preset: number): number {
  if (text === undefined) return preset
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (!(port <= 65535))
    throw new ConfigError(`--${setting} must be a port from 0 to 65535, not "${text}".`)
  return port
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
}

function sizeOf(setting: Setting, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, digits = '', unit = ''] = /^(\d{1,15})([KMGT]?)(?:i?B)?$/i.exec(text) ?? []
  const bytes = Number(digits) * (UNITS[unit.toUpperCase()] ?? Number.NaN)
  if (digits !== '' && Number.isSafeInteger(bytes)) return bytes
  throw new ConfigError(`--${setting} must be a size like 500M or 2G, not "${text}".`)
}

function oneOf(setting: Setting, text: string, allowed: readonly string[]): string {
  if (!allowed.includes(text))
    throw new ConfigError(`--${setting} must be one of ${allowed.join(', ')}, not "${text}".`)
  return text
}
