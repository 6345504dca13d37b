import type { JobId, UnixMs } from '../units.ts'

const MAX_AGE_MS = 10_000
const MAX_JOBS = 10_000

export interface BytesMeter {
  /** As measured within the last 10 s: a list of jobs is not to walk all their folders each time. */
  of(id: JobId): Promise<number>
}

export function openBytesMeter(
  measure: (id: JobId) => Promise<number>,
  clock: () => UnixMs,
): BytesMeter {
  const measured = new Map<JobId, { readonly at: number; readonly bytes: Promise<number> }>()
  return {
    of(id) {
      const known = measured.get(id)
      if (known && Math.abs(clock() - known.at) < MAX_AGE_MS) return known.bytes
      if (measured.size >= MAX_JOBS) measured.clear()
      const bytes = measure(id)
      measured.set(id, { at: clock(), bytes })
      bytes.catch(() => measured.delete(id))
      return bytes
    },
  }
}
