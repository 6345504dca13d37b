import { createContext, useContext, type ReactNode } from 'react'
import type { DrawLoop } from './draw-loop.ts'
import type { MetricFeed } from './metric-feed.ts'
import type { TimeSpan } from './range.ts'

/** What all charts of one job share. */
export interface ChartDeck {
  readonly jobId: string
  readonly feed: MetricFeed
  readonly loop: DrawLoop
  readonly isRunning: () => boolean
  /** The life of the job so far, wide enough for `firstT` and `lastT`. */
  readonly whole: (firstT: number | undefined, lastT: number | undefined) => TimeSpan
  readonly lossMarks: () => readonly number[]
}

const Deck = createContext<ChartDeck | undefined>(undefined)

export function ChartDeckProvider({
  deck,
  children,
}: {
  readonly deck: ChartDeck
  readonly children: ReactNode
}): ReactNode {
  return <Deck value={deck}>{children}</Deck>
}

export function useChartDeck(): ChartDeck {
  const deck = useContext(Deck)
  if (deck === undefined) throw new Error('ChartDeckProvider is missing above this chart')
  return deck
}
