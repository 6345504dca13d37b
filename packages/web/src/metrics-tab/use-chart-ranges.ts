import { useCallback, useState } from 'react'
import type { ChartRange } from '../charts/range.ts'
import { useUrlRange } from './use-url-range.ts'

export interface ChartRanges {
  /** The range of all linked charts. */
  readonly shared: ChartRange
  readonly setShared: (range: ChartRange) => void
  readonly rangeOf: (name: string) => ChartRange
  /** Of this chart, and while it is linked of all others with it. */
  readonly setRange: (name: string, range: ChartRange) => void
  readonly isLinked: (name: string) => boolean
  readonly setLinked: (name: string, isLinked: boolean) => void
}

/** Charts zoom together unless one was set free; then it keeps a range of its own. */
export function useChartRanges(): ChartRanges {
  const [shared, setShared] = useUrlRange()
  const [own, setOwn] = useState<ReadonlyMap<string, ChartRange>>(new Map())

  const setRange = useCallback(
    (name: string, range: ChartRange) => {
      if (own.has(name)) setOwn(new Map(own).set(name, range))
      else setShared(range)
    },
    [own, setShared],
  )
  const setLinked = useCallback(
    (name: string, isLinked: boolean) => {
      const next = new Map(own)
      if (isLinked) next.delete(name)
      else next.set(name, shared)
      setOwn(next)
    },
    [own, shared],
  )
  return {
    shared,
    setShared,
    rangeOf: (name) => own.get(name) ?? shared,
    setRange,
    isLinked: (name) => !own.has(name),
    setLinked,
  }
}
