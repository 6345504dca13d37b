const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** "42s", "1m 02s", "3h 07m", "2d 04h": the two largest units, the second one padded so that it does not jump. */
export function durationText(durationMs: number): string {
  const ms = Math.max(0, durationMs)
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`
  if (ms < HOUR_MS) return pair(ms, MINUTE_MS, 'm', SECOND_MS, 's')
  if (ms < DAY_MS) return pair(ms, HOUR_MS, 'h', MINUTE_MS, 'm')
  return pair(ms, DAY_MS, 'd', HOUR_MS, 'h')
}

/** "just now", "1 minute ago", "3 days ago". */
export function agoText(thenMs: number, nowMs: number): string {
  const ms = Math.max(0, nowMs - thenMs)
  if (ms < 5 * SECOND_MS) return 'just now'
  if (ms < MINUTE_MS) return ago(ms, SECOND_MS, 'second')
  if (ms < HOUR_MS) return ago(ms, MINUTE_MS, 'minute')
  if (ms < DAY_MS) return ago(ms, HOUR_MS, 'hour')
  return ago(ms, DAY_MS, 'day')
}

/** "23 Nov 2026, 09:46:07" in the person's own zone. */
export function fullTimeText(timeMs: number): string {
  return FULL.format(timeMs)
}

const FULL = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

function pair(ms: number, largeMs: number, large: string, smallMs: number, small: string): string {
  const rest = Math.floor((ms % largeMs) / smallMs)
  return `${Math.floor(ms / largeMs)}${large} ${String(rest).padStart(2, '0')}${small}`
}

function ago(ms: number, unitMs: number, unit: string): string {
  const count = Math.floor(ms / unitMs)
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}
