import { InvalidArgumentError } from 'commander'
import { readTime } from './format/time-argument.ts'

/** Readers of flags' values; what they refuse, commander tells together with the flag. */

/** A flag that may be repeated. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]

export function wholeNumber(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a whole number above 0.')
}

export const timeAt =
  (now: () => number) =>
  (text: string): number => {
    const time = readTime(text, now())
    if (time !== undefined) return time
    throw new InvalidArgumentError(
      'It must be a time: "5m" (ago; s, m, h, d), "now", 2026-01-31T12:00:00Z, or unix milliseconds.',
    )
  }
