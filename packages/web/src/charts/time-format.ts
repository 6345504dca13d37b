const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `13:20:35`, in the time of the person's own place. */
export function formatClock(t: number): string {
  const date = new Date(t)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')
}

/** `13:20:35.042`. */
export function formatClockMs(t: number): string {
  return `${formatClock(t)}.${String(new Date(t).getMilliseconds()).padStart(3, '0')}`
}

/** `23 Nov 13:20:35`. */
function formatDayAndClock(t: number): string {
  return `${dayOf(t)} ${formatClock(t)}`
}

/** The clock, with its day where that is not the day of `now`. */
export function formatMoment(t: number, now: number): string {
  return dayOf(t) === dayOf(now) ? formatClock(t) : formatDayAndClock(t)
}

/** A mark of the time axis: HH:MM:SS, finer or coarser where marks `stepMs` apart ask for it, the day where a new one begins. */
export function formatTimeTick(t: number, stepMs: number, before: number | undefined): string {
  if (stepMs >= DAY_MS) return dayOf(t)
  const isNewDay = before !== undefined && dayOf(before) !== dayOf(t)
  if (isNewDay && stepMs >= MINUTE_MS) return dayOf(t)
  return stepMs < SECOND_MS ? formatClockMs(t) : formatClock(t)
}

/** `0.35 s`, `2.0 s`, `14 s`, `1.5 min`, `2 h`: how far apart samples are. */
export function formatInterval(ms: number): string {
  if (ms < 10) return `${Math.round(10 * ms) / 10} ms`
  if (ms < 1000) return `${(ms / SECOND_MS).toFixed(2)} s`
  if (ms < 10 * SECOND_MS) return `${(ms / SECOND_MS).toFixed(1)} s`
  if (ms < 2 * MINUTE_MS) return `${Math.round(ms / SECOND_MS)} s`
  if (ms < 2 * HOUR_MS) return `${Math.round((10 * ms) / MINUTE_MS) / 10} min`
  return `${Math.round((10 * ms) / HOUR_MS) / 10} h`
}

/** `just now`, `14 s ago`, `2 min ago`, `3 h ago`, `5 days ago`. */
export function formatAgo(ms: number): string {
  if (ms < 2 * SECOND_MS) return 'just now'
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s ago`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`
  return `${Math.floor(ms / DAY_MS)} days ago`
}

function dayOf(t: number): string {
  const date = new Date(t)
  return `${date.getDate()} ${MONTHS[date.getMonth()] ?? ''}`
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')
