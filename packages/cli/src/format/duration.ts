const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `4.2s`, `1m 02s`, `3h 05m`, `2d 04h`: two units at most. */
export function formatDuration(ms: number): string {
  if (ms < 10 * SECOND) return `${(Math.max(0, ms) / SECOND).toFixed(1)}s`
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m ${pad(((ms % HOUR) % MINUTE) / SECOND)}s`
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h ${pad((ms % HOUR) / MINUTE)}m`
  return `${Math.floor(ms / DAY)}d ${pad((ms % DAY) / HOUR)}h`
}

/** `just now`, `3 min ago`; an exact date once it is more than a week away. */
export function formatAgo(t: number, now: number): string {
  const ms = now - t
  if (ms < 5 * SECOND) return 'just now'
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s ago`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ago`
  if (ms < 7 * DAY) return `${Math.floor(ms / DAY)} d ago`
  return new Date(t).toISOString().slice(0, 10)
}

const pad = (value: number): string => String(Math.floor(value)).padStart(2, '0')
