import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { formatRange, parseRange, type ChartRange } from '../charts/range.ts'

/** The range that the URL names: a link shows the same stretch of time to whoever opens it. */
export function useUrlRange(): readonly [ChartRange, (range: ChartRange) => void] {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false })
  const text = search['range']
  const navigate = useNavigate()
  const range = useMemo(() => parseRange(text), [text])
  const setRange = useCallback(
    (next: ChartRange) => {
      const words = formatRange(next)
      void navigate({
        to: '.',
        search: (now: Readonly<Record<string, unknown>>) => ({
          ...now,
          range: words === 'all' ? undefined : words,
        }),
        replace: true,
        resetScroll: false,
      })
    },
    [navigate],
  )
  return [range, setRange]
}
