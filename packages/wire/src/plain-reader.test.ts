import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineReader } from './line-reader.ts'
import { MAX_DATAGRAM_BYTES, type Refusal } from './line.ts'

/** One line as both readers tell it. */
interface ReadLine {
  readonly refusal?: Refusal
  readonly name?: string
  readonly type?: string
  readonly values?: readonly number[]
  readonly time?: number
  readonly job: string | undefined
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

/** The protocol read the plain way, with texts: slow, and written from the grammar alone. */
function readPlainly(datagram: string): ReadLine[] {
  return datagram
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '')
    .map(readPlainLine)
}

function readPlainLine(line: string): ReadLine {
  const refuse = (refusal: Refusal, rest: string): ReadLine => ({ refusal, job: jobOf(rest) })
  if (line.startsWith('_e{')) return refuse('event', line)
  if (line.startsWith('_sc|')) return refuse('service_check', line)
  const colon = line.indexOf(':')
  const bar = line.indexOf('|', colon + 1)
  if (colon < 0 || bar < 0) return refuse('format', line)
  const rest = line.slice(bar)
  const [type = '', ...fields] = rest.slice(1).split('|')
  if (type === '') return refuse('format', rest)
  const name = line.slice(0, colon)
  if (name.startsWith('datadog.dogstatsd.client.')) return refuse('telemetry', rest)
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(name)) return refuse('name', rest)
  if (type !== 'c' && type !== 'g') return refuse('type', rest)
  const texts = line
    .slice(colon + 1, bar)
    .split(':')
    .filter((text) => text !== '')
  const values = texts.map((text) => (NUMBER.test(text) ? Number(text) : Number.NaN))
  if (values.length === 0 || !values.every(Number.isFinite)) return refuse('value', rest)

  let rate = 1
  let time = 0
  for (const field of fields) {
    const text = field.slice(1)
    if (field.startsWith('@')) {
      rate = NUMBER.test(text) ? Number(text) : Number.NaN
      if (!(rate > 0 && rate <= 1)) return refuse('rate', rest)
    }
    if (field.startsWith('T')) {
      time = Number(text)
      if (!/^\d{1,12}$/.test(text) || time === 0) return refuse('time', rest)
    }
  }
  const scaled = type === 'c' ? values.map((value) => value / rate) : values
  if (!scaled.every(Number.isFinite)) return refuse('value', rest)
  if (jobsOf(rest).size > 1) return refuse('job', rest)
  return { name, type, values: scaled, time, job: jobOf(rest) }
}

/** The different jobs that the last tags of the line name. */
function jobsOf(rest: string): Set<string> {
  const tags = rest.split('|').filter((field, i) => i > 0 && field.startsWith('#'))
  const items = (tags.at(-1) ?? '#').slice(1).split(',')
  const named = items.map((tag) => /^(container_name|dd\.internal\.entity_id):([^]+)$/.exec(tag))
  return new Set(named.flatMap((match) => match?.[2] ?? []))
}

function jobOf(rest: string): string | undefined {
  const jobs = jobsOf(rest)
  return jobs.size === 1 ? [...jobs][0] : undefined
}

function readFast(reader: LineReader, datagram: string): ReadLine[] {
  const bytes = Buffer.from(datagram, 'latin1')
  const text = (start: number, end: number): string => bytes.toString('latin1', start, end)
  const lines: ReadLine[] = []
  reader.load(bytes)
  for (let outcome = reader.next(); outcome !== 'end'; outcome = reader.next()) {
    const job = reader.jobEnd > reader.jobStart ? text(reader.jobStart, reader.jobEnd) : undefined
    const line = text(reader.lineStart, reader.lineEnd)
    expect(line).not.toMatch(/\n/)
    if (outcome !== 'sample') lines.push({ refusal: outcome, job })
    else
      lines.push({
        name: text(reader.nameStart, reader.nameEnd),
        type: reader.type,
        values: [...reader.values.subarray(0, reader.valueCount)],
        time: reader.time,
        job,
      })
  }
  return lines
}

const oneOf = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)
const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
  fc.stringMatching(/^[+-]?\d{0,24}\.?\d{0,24}([eE][+-]?\d{1,3})?$/),
  oneOf('0', '-0', '.', '5.', '.5', '1e', '1e400', '-1e-400', 'nan', '0x1', '+-1', '', ' 1', '1\r'),
)
const tagText = oneOf('a:b', 'container_name:j1', 'container_name:j2', 'container_name:', '', '#x')
const entityText = oneOf('dd.internal.entity_id:j1', 'dd.internal.entity_id:j2', 'env:x', 'a b')
const fieldText = fc.oneof(
  fc.array(fc.oneof(tagText, entityText), { maxLength: 4 }).map((tags) => `#${tags.join(',')}`),
  numberText.map((text) => `@${text}`),
  oneOf('@0.5', '@1', '@0', 'T1700000000', 'T0', 'T', 'T1234567890123', 'c:x', '', 'zz', '#', 'e:'),
)
const nameText = oneOf('loss', 'a', 'é', '', 'x.y', 'a'.repeat(128), 'a'.repeat(129), '_e{1', '_sc')
const lineText = fc
  .tuple(
    fc.oneof(nameText, oneOf('datadog.dogstatsd.client.packets_dropped', 'steps', 'a|b')),
    fc.array(numberText, { maxLength: 3 }).map((texts) => texts.join(':')),
    oneOf('c', 'g', 'c', 'g', 'ms', '', 'c ', 'cc'),
    fc.array(fieldText, { maxLength: 3 }),
    oneOf('', '', '\r'),
  )
  .map(
    ([name, values, type, fields, cr]) =>
      `${[`${name}:${values}`, type, ...fields].join('|')}${cr}`,
  )
const anyBytes = fc
  .uint8Array({ maxLength: 30 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'))
const soup = fc.stringMatching(/^[a:|cg@#T10.,\r\n_e{s-]{0,30}$/)
const datagramText = fc
  .array(fc.oneof({ weight: 6, arbitrary: lineText }, anyBytes, soup), { maxLength: 6 })
  .map((lines) => lines.join('\n'))

describe('LineReader', () => {
  it('reads every datagram as the plain reading of the grammar does', () => {
    const reader = new LineReader()
    fc.assert(
      fc.property(datagramText, (datagram) => {
        expect(readFast(reader, datagram)).toEqual(readPlainly(datagram))
      }),
      { numRuns: 4000 },
    )
  })

  it('reads a line the same after any other, although it keeps the fields of the line before', () => {
    const reader = new LineReader()
    const repeated = fc
      .tuple(lineText, lineText)
      .chain(([a, b]) => fc.array(fc.constantFrom(a, b), { maxLength: 5 }))
    fc.assert(
      fc.property(repeated, (lines) => {
        const datagram = lines.join('\n')
        expect(readFast(reader, datagram)).toEqual(readPlainly(datagram))
      }),
      { numRuns: 2000 },
    )
  })

  it('changes the tail id whenever the job changes', () => {
    const reader = new LineReader()
    fc.assert(
      fc.property(fc.array(lineText), (lines) => {
        const jobs = new Map<number, string>()
        const bytes = Buffer.from(lines.join('\n'), 'latin1')
        reader.load(bytes)
        for (let outcome = reader.next(); outcome !== 'end'; outcome = reader.next()) {
          if (outcome !== 'sample') continue
          const job = bytes.toString('latin1', reader.jobStart, reader.jobEnd)
          expect(jobs.get(reader.tailId) ?? job).toBe(job)
          jobs.set(reader.tailId, job)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('reads the largest datagram there is, full of packed values', () => {
    const datagram = `a:${'1:'.repeat((MAX_DATAGRAM_BYTES - 5) / 2)}1|c`
    expect(readFast(new LineReader(), datagram)[0]?.values).toHaveLength(32_752)
  })
})
