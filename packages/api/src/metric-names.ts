import { isMetricName, MAX_NAME_BYTES, type MetricName } from '@plotline/wire'

/** Most names that one job may declare. */
export const MAX_JOB_METRICS = 100

const RULE = 'Names may contain only letters a-z and A-Z, digits 0-9, "_" and "-".'
const MAX_SHOWN_CHARACTERS = 5
const MAX_SHOWN_NAME = 20

export type MetricNameCode =
  | 'INVALID_METRIC_NAME'
  | 'METRIC_NAME_TOO_LONG'
  | 'TOO_MANY_METRICS'
  | 'INVALID_METRIC_LIST'

/** What is wrong with one entry of a job's `customMetrics`, as the API answers it and the form shows it. */
export interface MetricNameProblem {
  readonly field: 'customMetrics'
  readonly code: MetricNameCode
  readonly message: string
  /** Place in the list; absent where the list as a whole is at fault. */
  readonly index?: number
  readonly value?: string
  /** The offending characters, each once, in order. */
  readonly invalid?: readonly string[]
  /** A legal name near to it, where there is one. */
  readonly suggestion?: string
}

export interface MetricNamesVerdict {
  /** In the order given, exact duplicates merged. Complete only when `problems` is empty. */
  readonly names: readonly MetricName[]
  readonly problems: readonly MetricNameProblem[]
}

/**
 * Checks what a person gave as the metrics of a job: a list of names, or the comma separated string of the original form.
 * Entries of a list are taken as they are. In a string, spaces around a name belong to the separator, and an empty string is
 * no metric at all; an empty piece between two commas is refused like any other empty name.
 */
export function checkMetricNames(given: unknown): MetricNamesVerdict {
  if (given === undefined || given === null) return { names: [], problems: [] }
  const list = typeof given === 'string' ? splitMetricList(given) : given
  if (!Array.isArray(list)) return { names: [], problems: [notAList()] }

  const problems = list.flatMap((name: unknown, index) => metricNameProblem(name, index) ?? [])
  const names = [...new Set(list.filter(isMetricText))]
  if (names.length > MAX_JOB_METRICS) problems.push(tooMany(names.length))
  return { names, problems }
}

/** `"a, b"` as `["a", "b"]`. */
export function splitMetricList(text: string): string[] {
  if (/^[ \t]*$/.test(text)) return []
  return text.split(',').map((piece) => piece.replace(/^[ \t]+|[ \t]+$/g, ''))
}

/** What is wrong with this one name, or undefined when it is fine. */
export function metricNameProblem(name: unknown, index?: number): MetricNameProblem | undefined {
  const at = index === undefined ? {} : { index }
  if (typeof name !== 'string') return { ...notAList(), ...at }
  if (isMetricName(name)) return undefined

  const suggestion = suggestMetricName(name)
  const found = { field: 'customMetrics' as const, ...at, value: name }
  const hint = suggestion === undefined ? {} : { suggestion }
  const invalid = [...new Set(name)].filter((character) => !isMetricName(character))
  if (name === '')
    return {
      ...found,
      code: 'INVALID_METRIC_NAME',
      message: `Metric name "" is empty. ${RULE}`,
      invalid,
    }
  if (invalid.length === 0)
    return { ...found, ...hint, code: 'METRIC_NAME_TOO_LONG', message: tooLong(name) }
  const message = `Metric name "${shown(name)}" contains ${spellCharacters(invalid)} ${RULE}`
  return { ...found, ...hint, code: 'INVALID_METRIC_NAME', message, invalid }
}

/** The nearest legal name: accents dropped, each run of other characters one "_". Undefined when nothing legal is left. */
export function suggestMetricName(name: string): string | undefined {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .trim()
  const legal = plain.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, MAX_NAME_BYTES)
  return isMetricName(legal) && /[A-Za-z0-9]/.test(legal) ? legal : undefined
}

function isMetricText(name: unknown): name is MetricName {
  return typeof name === 'string' && isMetricName(name)
}

/** `"."`, `a space and "%"`, `"é", "ü" and 2 more`; a full stop inside quotes ends the sentence only once. */
function spellCharacters(invalid: readonly string[]): string {
  const spelled = invalid.slice(0, MAX_SHOWN_CHARACTERS).map(spellCharacter)
  const more = invalid.length - spelled.length
  if (more > 0) spelled.push(`${more} more`)
  const last = spelled.pop() ?? ''
  const text = spelled.length === 0 ? last : `${spelled.join(', ')} and ${last}`
  return text.endsWith('."') ? text : `${text}.`
}

/** One character as the sentence names it: blanks by word, what cannot be printed by its code, the rest in quotes. */
export function spellCharacter(character: string): string {
  if (character === ' ') return 'a space'
  if (character === '\t') return 'a tab'
  if (character === '\n' || character === '\r') return 'a line break'
  if (/[\p{C}\p{Z}\p{M}]/u.test(character)) return codePoint(character)
  return `"${character}"`
}

function codePoint(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
  return `U+${hex.padStart(4, '0')}`
}

/** Without what would break the line that shows it. */
function shown(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => codePoint(character))
}

const notAList = (): MetricNameProblem => ({
  field: 'customMetrics',
  code: 'INVALID_METRIC_LIST',
  message:
    'Custom metrics must be a list of names, or one string of names with commas between them.',
})

const tooMany = (count: number): MetricNameProblem => ({
  field: 'customMetrics',
  code: 'TOO_MANY_METRICS',
  message: `A job can have up to ${MAX_JOB_METRICS} custom metrics. You entered ${count}.`,
})

const tooLong = (name: string): string =>
  `Metric name "${name.slice(0, MAX_SHOWN_NAME)}…" has ${name.length} characters. The limit is ${MAX_NAME_BYTES}.`
