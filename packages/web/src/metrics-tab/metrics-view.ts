import { isFinal, type JobState } from '@plotline/api/names'

/** What the Metrics tab shows, of all that it could. */
export type MetricsView =
  | { readonly kind: 'loading' }
  | { readonly kind: 'none-declared' }
  | { readonly kind: 'only-undeclared' }
  /** Frames of the charts to come, with words in them. */
  | { readonly kind: 'frames'; readonly words: string }
  | { readonly kind: 'no-samples'; readonly isOver: boolean }
  | { readonly kind: 'charts' }

export interface MetricsFacts {
  readonly state: JobState
  readonly startedAt: number | null
  readonly declared: number
  readonly undeclared: number
  readonly hasSamples: boolean
  readonly isLoaded: boolean
  readonly now: number
}

const HELP_AFTER_MS = 10_000
const SILENT_AFTER_MS = 60_000

export function metricsView(facts: MetricsFacts): MetricsView {
  const { state, startedAt, declared, undeclared, hasSamples, isLoaded, now } = facts
  if (!isLoaded) return { kind: 'loading' }
  if (declared === 0) return { kind: undeclared > 0 ? 'only-undeclared' : 'none-declared' }
  if (hasSamples) return { kind: 'charts' }
  if (isFinal(state)) return { kind: 'no-samples', isOver: true }
  if (state === 'Pending' || startedAt === null)
    return {
      kind: 'frames',
      words: 'Waiting for the job to start. Graphs appear within 2 seconds of the first sample.',
    }
  const waitedMs = now - startedAt
  if (waitedMs >= HELP_AFTER_MS) return { kind: 'no-samples', isOver: false }
  return { kind: 'frames', words: firstSampleWords(waitedMs) }
}

/** What stands in the chart of a declared metric that never came while others did. */
export function silentWords(
  name: string,
  undeclared: readonly string[],
  { state, startedAt, now }: Pick<MetricsFacts, 'state' | 'startedAt' | 'now'>,
): string {
  const waitedMs = startedAt === null ? 0 : now - startedAt
  if (!isFinal(state) && waitedMs < SILENT_AFTER_MS) return firstSampleWords(waitedMs)
  const similar = similarName(name, undeclared)
  const hint = similar === undefined ? '' : ` Similar name received: ${similar}.`
  return `No samples for ${name}${isFinal(state) ? '' : ' yet'}.${hint}`
}

/** A name that differs by case, or by no more than two letters. */
export function similarName(name: string, candidates: readonly string[]): string | undefined {
  const lower = name.toLowerCase()
  const most = Math.min(2, Math.floor(name.length / 3))
  return (
    candidates.find((each) => each.toLowerCase() === lower) ??
    candidates.find((each) => editDistance(each.toLowerCase(), lower, most) <= most)
  )
}

/** ", " between, as in "loss, lr and 98 more". */
export function nameList(names: readonly string[], most = 8): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}

const firstSampleWords = (waitedMs: number): string =>
  `Waiting for the first sample… ${Math.max(0, Math.floor(waitedMs / 1000))} s`

/** Levenshtein's; anything above `most` is only known to be above it. */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
