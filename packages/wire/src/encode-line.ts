import type { LineType } from './line.ts'
import { isMetricName } from './metric-name.ts'

/**
 * One line, without a line break, for a sample of a counter or a gauge: the number in the fewest digits that read back to the
 * same double. Undefined where a server would refuse it: a name that is none, a value that is not finite.
 */
export function encodeLine(
  name: string,
  value: number | bigint,
  type: LineType,
  tags: readonly string[] = [],
): string | undefined {
  if (!isMetricName(name) || !Number.isFinite(Number(value))) return undefined
  const sample = `${name}:${encodeNumber(value)}|${type}`
  return tags.length === 0 ? sample : `${sample}|#${tags.map(encodeTag).join(',')}`
}

/** `String(-0)` is "0". */
function encodeNumber(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** A tag ends at a comma, a field at a bar, a line at its break. */
function encodeTag(tag: string): string {
  return tag.replace(/[,|\r\n]/g, '_')
}
