import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { endianness, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findDestination } from './destination.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plotline-routes-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const HEADER = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
const hexOf = (address: string) => {
  const octets = address.split('.').map(Number)
  return Buffer.from(endianness() === 'LE' ? octets.toReversed() : octets).toString('hex')
}
const route = (address: string, flags = '0003') =>
  `eth0\t00000000\t${hexOf(address)}\t${flags}\t0\t0\t100\t00000000\t0\t0\t0\n`
const LOCAL = `eth0\t${hexOf('10.9.0.0')}\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n`

function find(table: string, env = {}, given = {}): unknown {
  const file = join(folder, 'route')
  writeFileSync(file, table)
  return findDestination(given, env, file)
}

describe('findDestination', () => {
  it.each([
    ['what was given', { host: 'h', port: 9 }, {}, { host: 'h', port: 9 }],
    ['the usual port of a given host', { host: 'h' }, {}, { host: 'h', port: 8125 }],
    [
      "the job's own socket",
      { port: 9 },
      { STATSD_HOST: 's', STATSD_PORT: '40001', DD_AGENT_HOST: 'd' },
      { host: 's', port: 40001 },
    ],
    [
      'what Datadog clients are told',
      {},
      { DD_AGENT_HOST: 'd', DD_DOGSTATSD_PORT: '2' },
      { host: 'd', port: 2 },
    ],
    [
      'the usual port for text that is none',
      {},
      { STATSD_HOST: 's', STATSD_PORT: 'http' },
      { host: 's', port: 8125 },
    ],
    ['the default gateway', {}, {}, { host: '10.9.0.1', port: 8125 }],
  ])('finds %s', (_what, given, env, expected) => {
    expect(find(HEADER + LOCAL + route('10.9.0.1'), env, given)).toEqual(expected)
  })

  it.each([
    ['an empty table', ''],
    ['local routes only', HEADER + LOCAL],
    ['a tunnel without gateway', HEADER + route('0.0.0.0', '0001')],
    ['a route that is down', HEADER + route('10.9.0.1', '0002')],
    ['garbage', `${HEADER}eth0\t00000000\tzz\t0003\nx\n\n`],
  ])('finds nothing in %s', (_what, table) => {
    expect(find(table)).toBeUndefined()
  })

  it('finds nothing without a table', () => {
    expect(findDestination({}, {}, join(folder, 'absent'))).toBeUndefined()
  })
})
