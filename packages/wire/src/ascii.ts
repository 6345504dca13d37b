export const LF = 10
export const CR = 13
export const HASH = 35
export const PLUS = 43
export const COMMA = 44
export const MINUS = 45
export const DOT = 46
export const ZERO = 48
export const COLON = 58
export const AT = 64
export const UPPER_E = 69
export const UPPER_T = 84
export const LOWER_C = 99
export const LOWER_E = 101
export const LOWER_G = 103
export const PIPE = 124

/** The bytes of a text that holds ASCII only. */
export const asciiBytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0))

/** One character per byte (latin1). */
export function byteText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

/** Where `byte` is first found in [start, end), or -1. */
export function findByte(bytes: Uint8Array, byte: number, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === byte) return at
  return -1
}

/** Whether the bytes from `start` on begin with `prefix`, all of it before `end`. */
export function beginsWith(
  bytes: Uint8Array,
  start: number,
  end: number,
  prefix: Uint8Array,
): boolean {
  if (end - start < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false
  return true
}

/** Whether `length` bytes from `start` on are those of `other` from `otherStart` on; both hold so many. */
export function sameBytes(
  bytes: Uint8Array,
  start: number,
  other: Uint8Array,
  otherStart: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (bytes[start + i] !== other[otherStart + i]) return false
  return true
}

/** Hot path (bench/read-lines.mjs). The same, four bytes at a time. */
export function sameInViews(
  view: DataView,
  start: number,
  other: DataView,
  otherStart: number,
  length: number,
): boolean {
  let i = 0
  for (const end = length - 3; i < end; i += 4)
    if (view.getInt32(start + i, true) !== other.getInt32(otherStart + i, true)) return false
  for (; i < length; i++)
    if (view.getUint8(start + i) !== other.getUint8(otherStart + i)) return false
  return true
}
