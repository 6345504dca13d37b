import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PointsBuilder, type Points } from '../points.ts'
import { DamagedBytes } from './byte-reader.ts'
import { decodeChunk, encodeChunk } from './chunk-codec.ts'

const GOLDEN = join(import.meta.dirname, 'golden')
const UPDATE = process.env['UPDATE_GOLDEN'] === '1'

/** Every double there is, by its bits. */
const anyDouble = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => bytes.slice())
const anyColumn = (length: number) =>
  fc
    .array(anyDouble, { minLength: length, maxLength: length })
    .map((parts) => new Float64Array(Uint8Array.from(parts.flatMap((part) => [...part])).buffer))
const friendlyColumn = (length: number) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 6 }),
      fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: length, maxLength: length }),
    )
    .map(([e, integers]) => Float64Array.from(integers, (integer) => integer / 10 ** e))
const column = (length: number) => fc.oneof(anyColumn(length), friendlyColumn(length))

const points = fc.integer({ min: 1, max: 80 }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    t: column(length),
    last: column(length),
    min: column(length),
    max: column(length),
    sum: column(length),
    count: column(length),
    carry: column(length),
    estimated: fc
      .array(fc.integer({ min: 0, max: 1 }), { minLength: length, maxLength: length })
      .map((flags) => Uint8Array.from(flags)),
  }),
)

describe('encodeChunk and decodeChunk', () => {
  it('give back every column bit for bit', () => {
    fc.assert(
      fc.property(points, (given) => {
        expect(bits(decodeChunk(encodeChunk(given)))).toEqual(bits(given))
      }),
      { numRuns: 150 },
    )
  })

  it.each([
    ['negative zero', [0, -0, 1, -0]],
    ['only negative zeros', [-0, -0, -0]],
    ['subnormals', [5e-324, 2e-323, -5e-324, 0]],
    ['integers past 2^53', [2 ** 53, 2 ** 53 + 2, 2 ** 60, -(2 ** 53)]],
    ['integers at the limit of decimals', [2 ** 49, -(2 ** 49), 2 ** 49, -(2 ** 49), 0]],
    ['the largest', [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE]],
    ['what is no number', [Number.NaN, Infinity, -Infinity, Number.NaN]],
    ['one value', [0.1]],
    ['sums of decimals', Array.from({ length: 40 }, (_, i) => i * 0.1 + 0.2)],
    ['decimals that grow in digits', [1, 1.5, 1.25, 1.125, 1.0625, 0.1, 1e-12]],
  ])('keep %s', (_, values) => {
    const given = singles(values)
    expect(bits(decodeChunk(encodeChunk(given)))).toEqual(bits(given))
  })

  it('find every flipped bit', () => {
    const bytes = encodeChunk(toy(200))
    for (let i = 0; i < bytes.length; i++) {
      const mutated = bytes.slice()
      mutated[i] = (mutated[i] ?? 0) ^ (1 << (i % 8))
      expect(() => decodeChunk(mutated)).toThrow(DamagedBytes)
    }
  })

  it('find every missing tail', () => {
    const bytes = encodeChunk(toy(50))
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeChunk(bytes.subarray(0, length))).toThrow(DamagedBytes)
  })

  it('throw nothing but DamagedBytes, whatever the bytes under a right checksum', () => {
    const bytes = encodeChunk(toy(60))
    fc.assert(
      fc.property(fc.nat(bytes.length - 5), fc.nat(255), (at, byte) => {
        const forged = bytes.slice()
        forged[at] = byte
        expect(outcomeOf(resealed(forged))).toBe('fine')
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['toy', () => toy(1024)],
    ['buckets', () => buckets(256)],
    [
      'noise',
      () => singles(Array.from({ length: 300 }, (_, i) => Math.sin(i * 12.9898) * 43758.5453)),
    ],
  ])('write the bytes of the golden file %s', (name, make) => {
    const path = join(GOLDEN, `chunk-${name}.bin`)
    if (UPDATE) writeFileSync(path, encodeChunk(make()))
    // Decoding must never change; the deflate of another zlib may pack otherwise.
    expect(bits(decodeChunk(readFileSync(path)))).toEqual(bits(make()))
  })
})

function singles(values: readonly number[]): Points {
  const builder = new PointsBuilder()
  values.forEach((value, i) =>
    builder.push({
      t: 1_700_000_000_000 + i * 1000,
      last: value,
      carry: 0,
      min: value,
      max: value,
      sum: value,
      count: 1,
      estimated: 0,
    }),
  )
  return builder.finish()
}

const toy = (length: number): Points =>
  singles(Array.from({ length }, (_, i) => 1 + ((i * 7919 + ((i * i) % 31)) % 100)))

function buckets(length: number): Points {
  const builder = new PointsBuilder()
  for (let i = 0; i < length; i++)
    builder.push({
      t: 1_700_000_000_000 + i * 8000,
      last: i % 10,
      carry: i % 3 === 0 ? 1e-17 : 0,
      min: (i % 7) / 10,
      max: 10 + (i % 5),
      sum: i * 0.1 + 0.2,
      count: 1 + (i % 12),
      estimated: i % 2,
    })
  return builder.finish()
}

function bits(given: Points): unknown {
  const { length, estimated, t, last, min, max, sum, count, carry } = given
  const doubles = [t, last, min, max, sum, count, carry].map((values) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex'),
  )
  return { length, doubles, estimated: [...estimated] }
}

function resealed(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, bytes.length - 4)
  new DataView(bytes.buffer).setUint32(body.length, crc32(body), true)
  return bytes
}

function outcomeOf(bytes: Uint8Array): string {
  try {
    decodeChunk(bytes)
    return 'fine'
  } catch (error) {
    return error instanceof DamagedBytes ? 'fine' : String(error)
  }
}
