import { useState } from 'react'

export type Layout = '1' | '2' | '3'

const STORAGE_KEY = 'plotline.chart-layout'
/** From so many charts on two in a row show more than one big one each. */
const TWO_FROM = 4

/** How many charts stand in a row; what a person chose is kept. */
export function useLayout(charts: number): readonly [Layout, (layout: Layout) => void] {
  const [chosen, setChosen] = useState(readLayout)
  const choose = (layout: Layout): void => {
    localStorage.setItem(STORAGE_KEY, layout)
    setChosen(layout)
  }
  return [chosen ?? (charts >= TWO_FROM ? '2' : '1'), choose]
}

function readLayout(): Layout | undefined {
  const kept = localStorage.getItem(STORAGE_KEY)
  return kept === '1' || kept === '2' || kept === '3' ? kept : undefined
}
