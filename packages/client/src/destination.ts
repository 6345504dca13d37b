import { readFileSync } from 'node:fs'
import { endianness } from 'node:os'

export interface Destination {
  readonly host: string
  readonly port: number
}

export type Environment = Readonly<Record<string, string | undefined>>

const ROUTES = '/proc/net/route'
const DEFAULT_PORT = 8125
const UP_BY_GATEWAY = 0x1 | 0x2 // RTF_UP, RTF_GATEWAY

/** Given, named by the environment, or port 8125 of the default gateway: how a container reaches its host. */
export function findDestination(
  given: { readonly host?: string | undefined; readonly port?: number | undefined },
  env: Environment,
  routes = ROUTES,
): Destination | undefined {
  if (given.host !== undefined) return { host: given.host, port: given.port ?? DEFAULT_PORT }
  return (
    named(env['STATSD_HOST'], env['STATSD_PORT']) ??
    named(env['DD_AGENT_HOST'], env['DD_DOGSTATSD_PORT']) ??
    gateway(routes)
  )
}

function named(host: string | undefined, port: string | undefined): Destination | undefined {
  return host
    ? { host, port: /^\d{1,5}$/.test(port ?? '') ? Number(port) : DEFAULT_PORT }
    : undefined
}

function gateway(routes: string): Destination | undefined {
  for (const row of rowsOf(routes)) {
    const host = defaultGateway(row.trim().split(/\s+/))
    if (host) return { host, port: DEFAULT_PORT }
  }
  return undefined
}

function rowsOf(routes: string): string[] {
  try {
    return readFileSync(routes, 'utf8').split('\n')
  } catch {
    return []
  }
}

/** Columns: interface, destination, gateway, flags, ...; addresses are hex in the machine's byte order. */
function defaultGateway([, destination, address = '', flags = '']: string[]): string | undefined {
  if (destination !== '00000000' || !/^[0-9A-Fa-f]{8}$/.test(address)) return undefined
  if ((Number.parseInt(flags, 16) & UP_BY_GATEWAY) !== UP_BY_GATEWAY) return undefined
  const octets = [...Buffer.from(address, 'hex')]
  return (endianness() === 'LE' ? octets.toReversed() : octets).join('.')
}
