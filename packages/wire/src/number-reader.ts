import { byteText, DOT, LOWER_E, MINUS, PLUS, UPPER_E, ZERO } from './ascii.ts'

/** Powers of ten that a double holds exactly. */
const MAX_EXACT_POWER = 22
const POWERS = Float64Array.from({ length: MAX_EXACT_POWER + 1 }, (_, power) =>
  Number(`1e${power}`),
)

/** So many digits always make a whole number that a double holds exactly. */
const MAX_EXACT_DIGITS = 15
/** So many digits fit into the sum of two doubles, and the quotient below stays exact enough to be judged. */
const MAX_PAIR_DIGITS = 19
const LOW_DIGITS = 9
const LOW_SCALE = 1e9

/** Splits a double into two halves of 26 bits, whose products are exact. */
const SPLITTER = 134_217_729

/** The pair's error is below 2^-100 of it; a tie between two doubles nearer than this is left to the slow way. */
const DOUBT = 2 ** -90

/**
 * Reads a number exactly as IEEE 754 rounds it: sign, digits with or without a point, exponent; no hex, no words. Bytes in,
 * no text made, except for the few numbers whose digits or exponent are beyond what two doubles settle.
 */
export class NumberReader {
  /** Behind the last byte of the number that was read last. */
  end = 0

  /** Hot path (bench/read-lines.mjs). NaN where [start, limit) does not begin with a number, or with one beyond a double. */
  read(bytes: Uint8Array, start: number, limit: number): number {
    let at = start
    const sign = at < limit ? bytes[at] : 0
    if (sign === MINUS || sign === PLUS) at++

    let mantissa = 0
    const whole = at
    for (; at < limit; at++) {
      const digit = (bytes[at] ?? 0) - ZERO
      if (digit < 0 || digit > 9) break
      mantissa = mantissa * 10 + digit
    }
    let digits = at - whole
    let exponent = 0
    if (at < limit && bytes[at] === DOT) {
      const fraction = ++at
      for (; at < limit; at++) {
        const digit = (bytes[at] ?? 0) - ZERO
        if (digit < 0 || digit > 9) break
        mantissa = mantissa * 10 + digit
      }
      exponent = fraction - at
      digits -= exponent
    }
    this.end = at
    if (digits === 0) return Number.NaN
    const mark = at < limit ? bytes[at] : 0
    if (mark === LOWER_E || mark === UPPER_E) {
      exponent += this.#exponent(bytes, at + 1, limit)
      if (Number.isNaN(exponent)) return Number.NaN
    }

    const value =
      digits <= MAX_EXACT_DIGITS && exponent >= -MAX_EXACT_POWER && exponent <= MAX_EXACT_POWER
        ? scaled(mantissa, exponent)
        : longNumber(bytes, whole, this.end, exponent)
    return sign === MINUS ? -value : value
  }

  /** The digits after the `e`; NaN when there are none. Kept small: beyond 4 digits the number is 0 or refused anyway. */
  #exponent(bytes: Uint8Array, start: number, limit: number): number {
    let at = start
    const sign = at < limit ? bytes[at] : 0
    if (sign === MINUS || sign === PLUS) at++
    const first = at
    let power = 0
    for (; at < limit; at++) {
      const digit = (bytes[at] ?? 0) - ZERO
      if (digit < 0 || digit > 9) break
      power = Math.min(power * 10 + digit, 1e9)
    }
    this.end = at
    if (at === first) return Number.NaN
    return sign === MINUS ? -power : power
  }
}

/** One rounding only, since both sides are exact: the nearest double. */
function scaled(mantissa: number, exponent: number): number {
  return exponent < 0 ? mantissa / (POWERS[-exponent] ?? 1) : mantissa * (POWERS[exponent] ?? 1)
}

/** [start, end) is a number without its sign; `exponent` is that of its last digit. */
function longNumber(bytes: Uint8Array, start: number, end: number, exponent: number): number {
  if (exponent <= 0 && exponent >= -MAX_EXACT_POWER) {
    const value = pairQuotient(bytes, start, end, exponent)
    if (!Number.isNaN(value)) return value
  }
  const value = Number(byteText(bytes, start, end))
  return Number.isFinite(value) ? value : Number.NaN
}

/**
 * digits / 10^-exponent by a pair of doubles: the quotient's first 53 bits, then what is left of it, exactly. Python writes
 * 16 and 17 digits, and its text would cost six times as much. NaN where the pair cannot tell which double is the nearest.
 */
function pairQuotient(bytes: Uint8Array, start: number, end: number, exponent: number): number {
  let at = start
  while (at < end && (bytes[at] === ZERO || bytes[at] === DOT)) at++
  let upper = 0
  let lower = 0
  let digits = 0
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit >= 0 && digit <= 9) {
      if (++digits > MAX_PAIR_DIGITS) return Number.NaN
      if (digits <= MAX_PAIR_DIGITS - LOW_DIGITS) upper = upper * 10 + digit
      else lower = lower * 10 + digit
    } else if (bytes[at] !== DOT) break
  }
  const lowDigits = digits - (MAX_PAIR_DIGITS - LOW_DIGITS)
  if (lowDigits <= 0) return scaled(upper, exponent)

  // upper < 10^10 times at most 10^9, in two exact halves: high + low is the whole number of all digits.
  const scale = lowDigits === LOW_DIGITS ? LOW_SCALE : (POWERS[lowDigits] ?? 1)
  const product = upper * scale
  const productRest = productError(upper, scale, product)
  const high = product + (productRest + lower)
  const low = product - high + (productRest + lower)

  const divisor = POWERS[-exponent] ?? 1
  const quotient = high / divisor
  const back = quotient * divisor
  const rest = (high - back - productError(quotient, divisor, back) + low) / divisor
  const slack = quotient * DOUBT
  const value = quotient + (rest - slack)
  return value === quotient + (rest + slack) ? value : Number.NaN
}

/** What rounding took from `product` = a * b, exactly (Dekker). */
function productError(a: number, b: number, product: number): number {
  const aHigh = a * SPLITTER - (a * SPLITTER - a)
  const aLow = a - aHigh
  const bHigh = b * SPLITTER - (b * SPLITTER - b)
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}
