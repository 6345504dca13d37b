import type { Job } from '@plotline/api'
import { isFinal } from '@plotline/api/names'
import { ChartSpline, Columns2, Columns3, Play, Rows3 } from 'lucide-react'
import { useCallback, useState, type ReactElement } from 'react'
import { ChartDeckProvider, type ChartDeck } from '../charts/chart-deck.tsx'
import { MetricChart } from '../charts/metric-chart.tsx'
import {
  RANGE_CHOICES,
  rangeChoice,
  rangeOfChoice,
  type RangeChoice,
} from '../charts/range-choices.ts'
import { ALL, type ChartRange } from '../charts/range.ts'
import { formatMoment } from '../charts/time-format.ts'
import { Banner } from '../ui/banner.tsx'
import { Button, LinkButton } from '../ui/button.tsx'
import controls from '../ui/controls.module.css'
import { DownloadLink } from '../ui/download-link.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useNow } from '../ui/use-now.ts'
import { Diagnostics } from './diagnostics.tsx'
import { HelpCard } from './help-card.tsx'
import { lossWords } from './loss-words.ts'
import styles from './metrics-tab.module.css'
import { metricsView, silentWords } from './metrics-view.ts'
import { UndeclaredBanner } from './undeclared-banner.tsx'
import { useChartKeys } from './use-chart-keys.ts'
import { useChartRanges } from './use-chart-ranges.ts'
import { useFeedSnapshot, useJobDeck } from './use-chart-deck.ts'
import { useLayout, type Layout } from './use-layout.ts'

const LIVE: ChartRange = { kind: 'live', span: '5m' }
const LAYOUTS: readonly {
  readonly value: Layout
  readonly label: ReactElement
  readonly name: string
}[] = [
  { value: '1', label: <Rows3 aria-hidden />, name: 'One chart in a row' },
  { value: '2', label: <Columns2 aria-hidden />, name: 'Two charts in a row' },
  { value: '3', label: <Columns3 aria-hidden />, name: 'Three charts in a row' },
]
/** From so many charts on they can be filtered. */
const FILTER_FROM = 7

export function MetricsTab({ job }: { readonly job: Job }): ReactElement {
  const deck = useJobDeck(job)
  if (deck === undefined) return <LoadingCharts />
  return (
    <ChartDeckProvider deck={deck}>
      <Metrics job={job} deck={deck} />
    </ChartDeckProvider>
  )
}

function Metrics({ job, deck }: { readonly job: Job; readonly deck: ChartDeck }): ReactElement {
  const { status, error } = useFeedSnapshot(deck)
  const undeclared = status?.undeclared ?? []
  return (
    <div className={styles['tab']}>
      {error !== undefined && (
        <Banner tone="bad" role="status">
          {error}
        </Banner>
      )}
      {lossWords(status?.lossMarks ?? []).map((words) => (
        <Banner key={words} tone="warn" role="status">
          {words}
        </Banner>
      ))}
      <UndeclaredBanner
        jobId={job.id}
        hasDeclared={job.customMetrics.length > 0}
        undeclared={undeclared}
      />
      <MetricsBody job={job} deck={deck} undeclared={undeclared.map(({ name }) => name)} />
      {job.finishedAt !== null && job.customMetrics.length > 0 && (
        <p className={styles['ended']}>{endedWords(job, job.finishedAt)}</p>
      )}
      {status !== undefined && <Diagnostics status={status} />}
    </div>
  )
}

function MetricsBody({
  job,
  deck,
  undeclared,
}: {
  readonly job: Job
  readonly deck: ChartDeck
  readonly undeclared: readonly string[]
}): ReactElement | null {
  const { isLoaded, sampled, status } = useFeedSnapshot(deck)
  useNow(!isFinal(job.state) && job.customMetrics.some((name) => !sampled.has(name)))
  const now = deck.feed.now()
  const view = metricsView({
    state: job.state,
    startedAt: job.startedAt,
    declared: job.customMetrics.length,
    undeclared: undeclared.length,
    hasSamples: sampled.size > 0,
    isLoaded,
    now,
  })
  switch (view.kind) {
    case 'loading':
      return <LoadingCharts />
    case 'only-undeclared':
      return null
    case 'none-declared':
      return <NoneDeclared jobId={job.id} />
    case 'no-samples':
      return <HelpCard job={job} status={status} isOver={view.isOver} />
    case 'frames':
      return <Charts job={job} deck={deck} waiting={() => view.words} />
    case 'charts': {
      const waiting = (name: string): string | undefined =>
        sampled.has(name) ? undefined : silentWords(name, undeclared, { ...job, now })
      return <Charts job={job} deck={deck} waiting={waiting} />
    }
  }
}

function Charts({
  job,
  deck,
  waiting,
}: {
  readonly job: Job
  readonly deck: ChartDeck
  readonly waiting: (name: string) => string | undefined
}): ReactElement {
  const ranges = useChartRanges()
  const [layout, setLayout] = useLayout(job.customMetrics.length)
  const [filter, setFilter] = useState('')
  const shown = job.customMetrics
    .map((name, place) => ({ name, place }))
    .filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()))
  const download = useCallback(
    (name: string) => window.location.assign(csvPath(job.id, name)),
    [job.id],
  )
  useChartKeys(deck, ranges)
  const isRunning = !isFinal(job.state)
  const { shared, setShared } = ranges

  return (
    <section aria-label="Custom metrics" className={styles['section']}>
      <div className={controls['controls']}>
        <Segmented
          label="Zoom of all charts"
          value={rangeChoice(shared)}
          options={RANGE_CHOICES}
          onChange={(choice: RangeChoice) => setShared(rangeOfChoice(choice))}
        />
        {shared.kind === 'fixed' && (
          <>
            <span className={styles['span']}>
              {formatMoment(shared.from, deck.feed.now())} –{' '}
              {formatMoment(shared.to, deck.feed.now())}
            </span>
            <Button size="sm" onPress={() => setShared(isRunning ? LIVE : ALL)}>
              {isRunning ? 'Live' : 'All'} <Play aria-hidden />
            </Button>
          </>
        )}
        <span className={controls['gap']} />
        {job.customMetrics.length >= FILTER_FROM && (
          <TextField
            label="Filter charts"
            isLabelHidden
            type="search"
            placeholder="Filter charts"
            value={filter}
            onChange={setFilter}
            className={styles['filter'] ?? ''}
          />
        )}
        <span className={styles['layout']}>
          <Segmented
            label="Charts in a row"
            value={layout}
            options={LAYOUTS}
            onChange={setLayout}
          />
        </span>
        <DownloadLink href={csvPath(job.id)} label="Download all metrics as CSV">
          CSV
        </DownloadLink>
      </div>
      {shown.length === 0 && <p className={styles['ended']}>No chart matches “{filter}”.</p>}
      <div className={styles['grid']} data-layout={layout}>
        {shown.map(({ name, place }) => (
          <MetricChart
            key={name}
            name={name}
            place={place}
            range={ranges.rangeOf(name)}
            isLinked={ranges.isLinked(name)}
            onRange={ranges.setRange}
            onLink={ranges.setLinked}
            onDownload={download}
            waiting={waiting(name)}
          />
        ))}
      </div>
    </section>
  )
}

function NoneDeclared({ jobId }: { readonly jobId: string }): ReactElement {
  return (
    <EmptyState
      icon={<ChartSpline aria-hidden />}
      title="This job has no custom metrics."
      actions={
        <LinkButton to="/jobs/$jobId/$tab" params={{ jobId, tab: 'environment' }}>
          Add metric
        </LinkButton>
      }
    >
      Add the names that its code sends, and each gets a live graph.
    </EmptyState>
  )
}

function LoadingCharts(): ReactElement {
  return (
    <div className={styles['tab']} aria-busy>
      <Skeleton height="2rem" />
      <Skeleton height="20rem" />
      <Skeleton height="20rem" />
    </div>
  )
}

function endedWords(job: Job, finishedAt: number): string {
  const exit = job.exitCode === null ? job.state.toLowerCase() : `exit ${job.exitCode}`
  const at = formatMoment(finishedAt, Date.now())
  return `Job finished ${at} (${exit}). Metrics are kept until you delete the job.`
}

function csvPath(jobId: string, name?: string): string {
  const query = name === undefined ? '' : `?names=${encodeURIComponent(name)}`
  return `/api/v1/jobs/${encodeURIComponent(jobId)}/metrics.csv${query}`
}
