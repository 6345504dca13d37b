import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LineReader } from './line-reader.ts'

interface Vector {
  readonly id: number
  readonly desc: string
  readonly datagram?: string
  readonly datagram_base64?: string
  readonly expect: {
    readonly counter: number | null
    readonly gauge: number | null
    readonly rejected: readonly string[]
  }
}

const VECTORS = JSON.parse(
  readFileSync(new URL('vectors/statsd.json', import.meta.url), 'utf8'),
) as { readonly vectors: readonly Vector[] }

const reader = new LineReader()

function readAll(bytes: Uint8Array): Vector['expect'] {
  let counter: number | null = null
  let gauge: number | null = null
  const rejected: string[] = []
  reader.load(bytes)
  for (let outcome = reader.next(); outcome !== 'end'; outcome = reader.next()) {
    const values = reader.values.subarray(0, reader.valueCount)
    if (outcome !== 'sample') rejected.push(outcome)
    else if (reader.type === 'g') gauge = values.at(-1) ?? null
    else counter = values.reduce((sum, value) => sum + value, counter ?? 0)
  }
  return { counter, gauge, rejected: rejected.toSorted() }
}

const read = (line: string): string => {
  reader.load(Buffer.from(line, 'latin1'))
  return reader.next()
}

describe('LineReader', () => {
  it.each(VECTORS.vectors.map((vector) => [vector.id, vector.desc, vector] as const))(
    'reads vector %i: %s',
    (_id, _desc, vector) => {
      const bytes =
        vector.datagram_base64 === undefined
          ? Buffer.from(vector.datagram ?? '', 'latin1')
          : Buffer.from(vector.datagram_base64, 'base64')
      expect(readAll(bytes)).toEqual(vector.expect)
    },
  )

  it.each([
    [':1|c', 'name'],
    ['steps:x|c', 'value'],
    ['a:1||#x', 'format'],
    ['_sc|', 'service_check'],
    ['_e{', 'event'],
    ['_e', 'format'],
    ['datadog.dogstatsd.client.metrics', 'format'],
    ['datadog.dogstatsd.client.metrics:x|h', 'telemetry'],
    ['datadog.dogstatsd.clients:1|c', 'name'],
    ['bad name:x|ms', 'name'],
    ['a:x|ms', 'type'],
    ['a:x|c|@2', 'value'],
    ['a:1|c|@2|T0', 'rate'],
    ['a:1|c|T0|@2', 'time'],
    ['a:1|c|@2|@1', 'rate'],
    ['a:1|c|#container_name:a,container_name:b|@2', 'rate'],
    ['a:1|c|#container_name:a,dd.internal.entity_id:b', 'job'],
    ['a:1e308|c|@0.1', 'value'],
    ['a:1e308|g|@0.1', 'sample'],
    ['a:1|c|#container_name:a,container_name:a', 'sample'],
    ['a:1|c|#container_name:a,container_name:b|#container_name:c', 'sample'],
    ['a:1|c\r', 'sample'],
    ['a:1|c\r\r', 'type'],
  ])('takes %j as %s', (line, outcome) => {
    expect(read(line)).toBe(outcome)
  })

  it.each([
    ['a:nan|g|#x:y,container_name:j1', 'j1'],
    ["a:tensor(0.1, device='cuda:0')|g|#container_name:j2", 'j2'],
    ['a:1|c|@2|#dd.internal.entity_id:j3', 'j3'],
    ['_e{5,4}:title|text|#container_name:j4', 'j4'],
    ['datadog.dogstatsd.client.metrics:1|c|#client:py,container_name:j5', 'j5'],
    ['a:1|ms|#container_name:j6|c:x', 'j6'],
    ['nothing', ''],
    ['a:nan|g|#container_name:a,container_name:b', ''],
    ['a:1e308|c|@0.1|#container_name:a,container_name:b', ''],
  ])('tells whose the refused line %j is', (line, job) => {
    expect(read(line)).not.toBe('sample')
    expect(line.slice(reader.jobStart, reader.jobEnd)).toBe(job)
  })

  it.each([
    ['datadog.dogstatsd.client.packets_dropped:7|c|#client:py', 7],
    ['datadog.dogstatsd.client.packets_dropped:0|c', 0],
    ['datadog.dogstatsd.client.packets_dropped:x|c', 0],
    ['datadog.dogstatsd.client.packets_dropped_queue:7|c', 0],
    ['datadog.dogstatsd.client.packets_sent:7|c', 0],
  ])('reads the loss that %s tells', (line, lost) => {
    expect(read(line)).toBe('telemetry')
    expect(reader.packetsDropped).toBe(lost)
  })

  it('reads a view that begins within its buffer, and nothing of the bytes it had before', () => {
    reader.load(Buffer.from('long_name:123456|c|#a:b'))
    expect(reader.next()).toBe('sample')
    reader.load(Buffer.from('a:1|c\nb:2|g\nc:3|c').subarray(6, 11))
    expect(reader.next()).toBe('sample')
    expect(reader.values[0]).toBe(2)
    expect(reader.next()).toBe('end')
  })
})
