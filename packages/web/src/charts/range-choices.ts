import type { ChartRange } from './range.ts'

export type RangeChoice = '1m' | '5m' | '1h' | 'all'

/** The zoom buttons, as every user of the original knows them. */
export const RANGE_CHOICES: readonly { readonly value: RangeChoice; readonly label: string }[] = [
  { value: '1m', label: '1m' },
  { value: '5m', label: '5m' },
  { value: '1h', label: '1h' },
  { value: 'all', label: 'All' },
]

/** Which button is down; none while a person's own span is shown. */
export function rangeChoice(range: ChartRange): RangeChoice | undefined {
  switch (range.kind) {
    case 'all':
      return 'all'
    case 'live':
      return range.span
    case 'fixed':
      return undefined
  }
}

export function rangeOfChoice(choice: RangeChoice): ChartRange {
  return choice === 'all' ? { kind: 'all' } : { kind: 'live', span: choice }
}
