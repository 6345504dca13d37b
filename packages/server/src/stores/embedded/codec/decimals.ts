/** Past this, differences of differences would no longer be exact as zigzag. */
const MAX_INTEGER = 2 ** 49
const MAX_EXPONENT = 12
/** A sum of decimals misses the nearest decimal by less; anything farther is no decimal. */
const MAX_ULPS = 60
/** Few: a value of full entropy must not pass as a decimal of many digits. */
const MAX_ULPS_OF_A_GUESS = 4
const POWERS = Array.from({ length: MAX_EXPONENT + 1 }, (_, e) => 10 ** e)

/** values[i] is ulps[i] steps of the 64-bit pattern after integers[i] / 10^exponent. */
export interface Decimals {
  readonly exponent: number
  readonly integers: Float64Array
  readonly ulps: Float64Array
  readonly hasUlps: boolean
}

/** The values as decimals of one exponent, the smallest that fits all; undefined where none does, bit for bit. */
export function decimalsOf(values: Float64Array): Decimals | undefined {
  const integers = new Float64Array(values.length)
  const ulps = new Float64Array(values.length)
  let exponent = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    const fitting = exponentFor(value, exponent)
    if (fitting === undefined) return undefined
    if (fitting !== exponent) {
      exponent = fitting
      i = -1
      continue
    }
    const integer = Math.round(value * (POWERS[exponent] ?? 1))
    integers[i] = integer
    ulps[i] = ulpsBetween(integer / (POWERS[exponent] ?? 1), value)
  }
  return { exponent, integers, ulps, hasUlps: ulps.some((steps) => steps !== 0) }
}

export function valueOf(integer: number, exponent: number, ulps: number): number {
  const value = integer / (POWERS[exponent] ?? Number.NaN)
  return ulps === 0 ? value : stepped(value, ulps)
}

/** The smallest exponent from `least` by which `value` is a decimal, if there is one. */
function exponentFor(value: number, least: number): number | undefined {
  if (Object.is(value, -0)) return undefined // no integer has its sign
  for (let exponent = least; exponent <= MAX_EXPONENT; exponent++) {
    const power = POWERS[exponent] ?? 1
    const integer = Math.round(value * power)
    if (!(Math.abs(integer) <= MAX_INTEGER)) return undefined
    const near = integer / power
    if (near === value) return exponent
    const limit = exponent === least ? MAX_ULPS : MAX_ULPS_OF_A_GUESS
    if (integer !== 0 && Math.abs(ulpsBetween(near, value)) <= limit) return exponent
  }
  return undefined
}

const pattern = new DataView(new ArrayBuffer(16))

/** Steps of the 64-bit pattern from `from` to `to`; exact where small, huge where the signs differ. */
function ulpsBetween(from: number, to: number): number {
  pattern.setFloat64(0, from)
  pattern.setFloat64(8, to)
  const high = pattern.getInt32(8) - pattern.getInt32(0)
  return high * 2 ** 32 + (pattern.getUint32(12) - pattern.getUint32(4))
}

function stepped(value: number, ulps: number): number {
  pattern.setFloat64(0, value)
  pattern.setBigInt64(0, pattern.getBigInt64(0) + BigInt(ulps))
  return pattern.getFloat64(0)
}
