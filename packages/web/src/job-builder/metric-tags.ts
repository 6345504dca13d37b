import { isMetricName, MAX_JOB_METRICS, metricNameProblem } from '@plotline/api/names'

/** What happened to the list, to be said aloud. */
export interface TagChange {
  readonly names: readonly string[]
  readonly said: string
}

/** Pieces of pasted text: names are apart by commas, semicolons, blanks or line breaks; quotes around one are dropped. */
export function splitPasted(text: string): string[] {
  return text
    .split(/[,;\s]+/u)
    .map(unquoted)
    .filter((piece) => piece !== '')
}

/** What a typed text holds in complete names, each ended by a comma, and what is still being typed. */
export function splitTyped(text: string): {
  readonly done: readonly string[]
  readonly rest: string
} {
  const pieces = text.split(',')
  const rest = pieces.pop() ?? ''
  return {
    done: pieces.map((piece) => unquoted(piece.trim())).filter((piece) => piece !== ''),
    rest,
  }
}

const unquoted = (piece: string): string => piece.replace(/^(["'`])(.*)\1$/u, '$2')

/** The pieces at a place of the list. Bad ones are added too, so that nothing typed is lost; exact repeats are not. */
export function addNames(
  names: readonly string[],
  pieces: readonly string[],
  at = names.length,
): TagChange {
  const fresh = [...new Set(pieces)].filter((piece) => !names.includes(piece))
  const all = names.toSpliced(at, 0, ...fresh)
  const said = [
    ...[...new Set(pieces)]
      .filter((piece) => names.includes(piece))
      .map((piece) => `${piece} is already in the list.`),
    ...fresh.map((piece) =>
      isMetricName(piece) ? `${piece} added, ${counted(all)}.` : sayProblem(piece),
    ),
  ]
  return { names: all, said: said.join(' ') }
}

export function removeName(names: readonly string[], index: number): TagChange {
  const all = names.toSpliced(index, 1)
  return { names: all, said: `${names[index] ?? ''} removed, ${counted(all)}.` }
}

export function replaceName(names: readonly string[], index: number, name: string): TagChange {
  return addNames(names.toSpliced(index, 1), [name], index)
}

/** A full stop's own name is read out as nothing by most screen readers. */
function sayProblem(name: string): string {
  const characters = (metricNameProblem(name)?.invalid ?? []).map((character) =>
    character === '.' ? 'full stop' : character === ' ' ? 'space' : character,
  )
  return characters.length === 0
    ? `${name.slice(0, 20)} is not valid: too long.`
    : `${name} is not valid: contains ${characters.join(', ')}.`
}

const counted = (names: readonly string[]): string =>
  `${names.length} ${names.length === 1 ? 'metric' : 'metrics'}`

const MAX_SUGGESTIONS = 8

/** Names of earlier jobs that begin with what is being typed and are not in the list yet. */
export function suggestionsFor(
  text: string,
  names: readonly string[],
  earlier: readonly string[],
): string[] {
  const start = text.trim().toLowerCase()
  return [...new Set(earlier)]
    .filter((name) => name.toLowerCase().startsWith(start) && !names.includes(name))
    .slice(0, MAX_SUGGESTIONS)
}

/** Legal, but probably not meant: names that differ only in case. */
export function caseWarnings(names: readonly string[]): string[] {
  const first = new Map<string, string>()
  return names.flatMap((name) => {
    const twin = first.get(name.toLowerCase())
    first.set(name.toLowerCase(), twin ?? name)
    return twin === undefined || twin === name
      ? []
      : [`${name} and ${twin} are different metrics: names are case-sensitive.`]
  })
}

/** Names of more metrics than a job may have, as the server would word it. */
export const tooMany = (names: readonly string[]): string | undefined =>
  names.length > MAX_JOB_METRICS
    ? `A job can have up to ${MAX_JOB_METRICS} custom metrics. You entered ${names.length}.`
    : undefined

/** One line for the summary of a form that cannot be sent; undefined when all names are fine. */
export function namesProblem(names: readonly string[]): string | undefined {
  const bad = names.filter((name) => !isMetricName(name)).length
  if (bad > 0) return `Custom Metrics has ${bad} invalid ${bad === 1 ? 'name' : 'names'}.`
  return tooMany(names)
}
