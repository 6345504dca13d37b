import { useEffect, useState, type ReactElement } from 'react'
import styles from './metric-chart.module.css'
import type { TimeSpan } from './range.ts'
import { lowerBound, type SeriesView } from './series-columns.ts'
import { formatClock, formatMoment } from './time-format.ts'
import { formatValue } from './value-format.ts'

const MAX_ROWS = 25
const REFRESH_MS = 2000

interface Row {
  readonly t: number
  readonly last: number
  readonly min: number
  readonly max: number
  readonly count: number
}

/** What the chart shows, in numbers: at most 25 rows, evenly from the span. */
export function ChartTable({
  name,
  shown,
}: {
  readonly name: string
  readonly shown: () => { readonly view: SeriesView; readonly span: TimeSpan } | undefined
}): ReactElement {
  const [rows, setRows] = useState<readonly Row[]>([])
  useEffect(() => {
    const refresh = (): void => {
      const now = shown()
      if (now !== undefined) setRows(tableRows(now.view, now.span))
    }
    refresh()
    const timer = setInterval(refresh, REFRESH_MS)
    return () => clearInterval(timer)
    // `shown` reads the chart of now whenever it is called.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [])
  const end = rows.at(-1)?.t ?? 0
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
    <div className={styles['tableFrame']} tabIndex={0} role="region" aria-label={`Data of ${name}`}>
      <table className={styles['table']}>
        <caption>
          {rows.length} points of {name}, {formatMoment(rows[0]?.t ?? 0, end)} to {formatClock(end)}
        </caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Last</th>
            <th scope="col">Min</th>
            <th scope="col">Max</th>
            <th scope="col">Samples</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.t}>
              <th scope="row">{formatMoment(row.t, end)}</th>
              <td>{formatValue(row.last)}</td>
              <td>{formatValue(row.min)}</td>
              <td>{formatValue(row.max)}</td>
              <td>{formatValue(row.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function tableRows(view: SeriesView, span: TimeSpan): Row[] {
  const first = lowerBound(view.t, view.length, span.from)
  const count = lowerBound(view.t, view.length, span.to, true) - first
  const rows = Math.min(MAX_ROWS, count)
  return Array.from({ length: rows }, (_, place) => {
    const i = first + (rows === 1 ? 0 : Math.round((place * (count - 1)) / (rows - 1)))
    return {
      t: view.t[i] ?? 0,
      last: view.last[i] ?? 0,
      min: view.min[i] ?? 0,
      max: view.max[i] ?? 0,
      count: view.count[i] ?? 0,
    }
  })
}
