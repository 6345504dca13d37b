import type { Refusal } from './line.ts'

const HINTS: Readonly<Record<Exclude<Refusal, 'value'>, string | undefined>> = {
  event: 'Events are not drawn.',
  service_check: 'Service checks are not drawn.',
  format: 'A line reads "name:value|c" for a counter or "name:value|g" for a gauge.',
  telemetry: undefined,
  name: 'Names may contain only letters a-z and A-Z, digits 0-9, "_" and "-", at most 128 of them.',
  type: 'Only counters ("c": increment, decrement) and gauges ("g") are drawn.',
  rate: 'A sample rate ("|@0.5") must be above 0 and at most 1.',
  time: 'A time ("|T1700000000") is in whole seconds since 1970.',
  job: 'The tags of the line name two different jobs.',
}

/** What the sender of an offending line probably meant, in a sentence; undefined where there is nothing to say. */
export function hintFor(reason: Refusal, shownLine: string): string | undefined {
  return reason === 'value' ? valueHint(shownLine.slice(shownLine.indexOf(':') + 1)) : HINTS[reason]
}

function valueHint(value: string): string | undefined {
  if (value.startsWith('tensor('))
    return 'This is a tensor: send its number, for example loss.item().'
  if (/^[+-]?nan\b/i.test(value))
    return 'The value was not a number (NaN): there is nothing to draw.'
  if (/^[+-]?inf/i.test(value)) return 'The value was infinite: there is nothing to draw.'
  if (/^None\b/.test(value)) return 'The value was None: the metric was sent before it had a value.'
  if (/^(True|False)\b/i.test(value)) return 'The value was a truth value: send 1 or 0.'
  if (/^[[(]/.test(value)) return 'This is a list: send one number at a time.'
  if (/^[+-]?\d+,\d/.test(value)) return 'The decimal sign is ".", not ",".'
  return undefined
}
