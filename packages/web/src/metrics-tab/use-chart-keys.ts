import type { ChartDeck } from '../charts/chart-deck.tsx'
import { ALL, spanOf, type ChartRange } from '../charts/range.ts'
import { useShortcuts } from '../ui/shortcut.ts'
import type { ChartRanges } from './use-chart-ranges.ts'

/** 1 2 3 0 are the zoom buttons, l stops and starts the sliding, [ and ] go from chart to chart. */
export function useChartKeys(deck: ChartDeck, { shared, setShared }: ChartRanges): void {
  const to = (key: string, range: ChartRange) => ({ key, run: () => setShared(range) })
  useShortcuts([
    to('1', { kind: 'live', span: '1m' }),
    to('2', { kind: 'live', span: '5m' }),
    to('3', { kind: 'live', span: '1h' }),
    to('0', ALL),
    { key: 'l', run: () => setShared(toggled(shared, deck)) },
    { key: '[', run: () => focusChart(-1) },
    { key: ']', run: () => focusChart(1) },
  ])
}

function toggled(range: ChartRange, deck: ChartDeck): ChartRange {
  if (range.kind === 'fixed') return { kind: 'live', span: '5m' }
  return { kind: 'fixed', ...spanOf(range, deck.whole(undefined, undefined)) }
}

function focusChart(by: number): void {
  const plots = [...document.querySelectorAll<HTMLElement>('[data-chart] [data-part="plot"]')]
  const current = plots.findIndex((plot) => plot === document.activeElement)
  const next = current < 0 ? (by > 0 ? 0 : plots.length - 1) : current + by
  plots[Math.min(plots.length - 1, Math.max(0, next))]?.focus()
}
