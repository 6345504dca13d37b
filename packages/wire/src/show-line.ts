import { byteText } from './ascii.ts'

/** Most bytes of an offending line that are kept to be shown. */
export const MAX_SHOWN_BYTES = 200

/** An offending line for people to read: cut to 200 bytes; what is not printable ASCII as `\xNN`, `\` as `\\`. */
export function showLine(bytes: Uint8Array, start: number, end: number): string {
  const text = byteText(bytes, start, Math.min(end, start + MAX_SHOWN_BYTES))
  return text.replace(/[^ -[\]-~]/g, escapeCharacter)
}

function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\'
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
