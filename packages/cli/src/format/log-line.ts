import type { LogLine } from '@plotline/api'
import type { Paint } from './paint.ts'

/** A line of the log as the job wrote it; what the platform says in between is marked. */
export function formatLogLine(
  { t, stream, text }: LogLine,
  paint: Paint,
  timestamps = false,
): string {
  const time = timestamps ? `${paint('dim', new Date(t).toISOString())} ` : ''
  return stream === 'plotline' ? `${time}${paint('dim', `plotline: ${text}`)}` : time + text
}
