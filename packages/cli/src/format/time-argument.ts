const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Unix ms of `now`, `5m` or `-5m` (ago), unix milliseconds, or an ISO 8601 date; undefined for anything else. */
export function readTime(text: string, now: number): number | undefined {
  if (text === 'now') return now
  const ago = /^-?(\d+(?:\.\d+)?)([smhd])$/.exec(text)
  if (ago) return Math.round(now - Number(ago[1]) * (UNITS_MS[ago[2] ?? ''] ?? 0))
  if (/^\d{9,16}$/.test(text)) return Number(text)
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const parsed = Date.parse(text)
  return Number.isNaN(parsed) ? undefined : parsed
}
