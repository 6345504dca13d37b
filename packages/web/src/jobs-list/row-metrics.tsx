import type { Job, SeriesJson } from '@plotline/api'
import { useRef, type ReactElement } from 'react'
import { valueText } from '../ui/number-text.ts'
import { VisuallyHidden } from '../ui/visually-hidden.tsx'
import styles from './row-metrics.module.css'
import { sparkPath, trendWord } from './spark-path.ts'
import { useRowMetrics } from './use-row-metrics.ts'
import { useSeen } from './use-seen.ts'

const SHOWN = 2
const WIDTH = 60
const HEIGHT = 16

/** The first metrics of a job: name, a small line, last value. */
export function RowMetrics({ job }: { readonly job: Job }): ReactElement {
  const frame = useRef<HTMLDivElement>(null)
  const series = useRowMetrics(job, SHOWN, useSeen(frame))
  const more = job.customMetrics.length - SHOWN
  return (
    <div ref={frame} className={styles['metrics']}>
      {job.customMetrics.slice(0, SHOWN).map((name, place) => (
        <RowMetric
          key={name}
          name={name}
          place={place}
          series={series.find((one) => one.name === name)}
        />
      ))}
      {more > 0 && <span className={styles['more']}>and {more} more</span>}
    </div>
  )
}

function RowMetric({
  name,
  place,
  series,
}: {
  readonly name: string
  readonly place: number
  readonly series: SeriesJson | undefined
}): ReactElement {
  const values = series?.last ?? []
  const last = values.at(-1)
  return (
    <div className={styles['metric']}>
      <span className={styles['name']} title={name}>
        {name}
      </span>
      <svg
        aria-hidden
        viewBox={`-1 -2 ${WIDTH + 2} ${HEIGHT + 4}`}
        className={styles['spark']}
        style={{ color: `var(--series-${place + 1})` }}
      >
        <polyline points={sparkPath(values, WIDTH, HEIGHT)} />
      </svg>
      <span className={styles['last']}>
        {last === undefined ? '–' : valueText(last)}
        {last !== undefined && <VisuallyHidden>, {trendWord(values)}</VisuallyHidden>}
      </span>
    </div>
  )
}
