import type { Series } from '../metrics/metric-store.ts'

export const CSV_HEADER = 't,name,type,last,min,max,mean,count\n'

const COMMA = 0x2c
const LINE_FEED = 0x0a
const MINUS = 0x2d
const ZERO = 0x30
/** `-2.2250738585072014e-308` and what stands behind it. */
const MAX_NUMBER_BYTES = 25
const NUMBERS_A_ROW = 6

/**
 * One row a point, times in unix ms; names need no quotes. Numbers read back as the same doubles. Bytes, not text: V8 keeps texts of
 * numbers for long, and a whole export of them made the process grow (bench/csv.mjs).
 */
export function seriesCsv({ name, type, t, last, min, max, mean, count }: Series): Buffer {
  const key = `,${name},${type},`
  const rows = new RowWriter(t.length * (key.length + NUMBERS_A_ROW * MAX_NUMBER_BYTES))
  for (let i = 0; i < t.length; i++) {
    rows.number(t[i] ?? 0)
    rows.text(key)
    for (const column of [last, min, max, mean]) {
      rows.number(column[i] ?? 0)
      rows.byte(COMMA)
    }
    rows.number(count[i] ?? 0)
    rows.byte(LINE_FEED)
  }
  return rows.written()
}

/** Grown once for the longest rows, and kept. */
let scratch = Buffer.alloc(0)

class RowWriter {
  #length = 0

  constructor(maxBytes: number) {
    if (scratch.length < maxBytes) scratch = Buffer.allocUnsafeSlow(maxBytes)
  }

  byte(byte: number): void {
    scratch[this.#length++] = byte
  }

  /** ASCII. */
  text(text: string): void {
    this.#length += scratch.write(text, this.#length, 'latin1')
  }

  number(value: number): void {
    if (!Number.isSafeInteger(value)) this.text(String(value))
    else if (Object.is(value, -0)) this.text('-0')
    else this.#integer(value)
  }

  #integer(value: number): void {
    let rest = Math.abs(value)
    if (value < 0) this.byte(MINUS)
    let digits = 1
    for (let power = 10; power <= rest; power *= 10) digits++
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const tenth = Math.floor(rest / 10)
      scratch[at] = ZERO + (rest - tenth * 10)
      rest = tenth
    }
    this.#length += digits
  }

  /** A copy. */
  written(): Buffer {
    return Buffer.from(scratch.subarray(0, this.#length))
  }
}
