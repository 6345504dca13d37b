import { Download, Ellipsis, Link2, Link2Off, Table2 } from 'lucide-react'
import { memo, useEffect, useId, useLayoutEffect, useRef, useState, type ReactElement } from 'react'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu } from '../ui/menu.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { useChartDeck } from './chart-deck.tsx'
import { ChartTable } from './chart-table.tsx'
import { createMetricCanvas, type ChartElements, type MetricCanvas } from './metric-canvas.ts'
import styles from './metric-chart.module.css'
import { RANGE_CHOICES, rangeChoice, rangeOfChoice } from './range-choices.ts'
import type { ChartRange } from './range.ts'

export interface MetricChartProps {
  readonly name: string
  /** Place among the charts: its colour. */
  readonly place: number
  readonly range: ChartRange
  readonly isLinked: boolean
  readonly onRange: (name: string, range: ChartRange) => void
  readonly onLink: (name: string, isLinked: boolean) => void
  readonly onDownload: (name: string) => void
  /** What stands in the place of a line while there is none. */
  readonly waiting: string | undefined
}

/** The frame of one chart: React owns the frame, the canvas the pixels and the numbers. */
export const MetricChart = memo(function MetricChart(props: MetricChartProps): ReactElement {
  const { name, place, range, waiting } = props
  const deck = useChartDeck()
  const titleId = useId()
  const card = useRef<HTMLDivElement>(null)
  const canvas = useRef<MetricCanvas>(undefined)
  const [isTableShown, showTable] = useState(false)
  const isVisible = useIsNear(card)
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })

  useLayoutEffect(() => {
    const elements = card.current === null ? undefined : chartElements(card.current)
    if (!isVisible || elements === undefined) return undefined
    const created = createMetricCanvas(deck, name, place, elements, (next) =>
      latest.current.onRange(name, next),
    )
    canvas.current = created
    created.setRange(latest.current.range)
    return () => {
      canvas.current = undefined
      created.destroy()
    }
  }, [deck, name, place, isVisible])

  useLayoutEffect(() => canvas.current?.setRange(range), [range])

  return (
    <div
      ref={card}
      className={styles['card']}
      role="group"
      aria-label={name}
      data-chart={name}
      onKeyDown={(event) => {
        if (event.target instanceof Element && event.target.matches('[data-part="plot"]'))
          pressed(event, canvas.current)
      }}
    >
      <header className={styles['header']}>
        <h2 id={titleId} className={styles['title']} title={name}>
          <span className={styles['swatch']} style={swatch(place)} aria-hidden />
          {name}
        </h2>
        <span className={styles['kind']} data-part="kind" />
        <span className={styles['stale']} data-part="stale" hidden />
        {isVisible && <ChartTools {...props} isTableShown={isTableShown} onTable={showTable} />}
      </header>
      <p className={styles['figures']}>
        <strong data-part="last" />
        <span data-part="figures" />
      </p>
      <div className={styles['stage']}>
        {/* The arrow keys move its cursor: it must be reachable without a mouse. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div
          className={styles['plot']}
          data-part="plot"
          tabIndex={0}
          role="group"
          aria-labelledby={titleId}
          aria-description="Arrow keys move the cursor, + and − zoom."
          onBlur={() => canvas.current?.clearCursor()}
        />
        {waiting !== undefined && <p className={styles['waiting']}>{waiting}</p>}
        <div className={styles['readout']} data-part="readout" hidden>
          <span />
          <strong />
          <span />
        </div>
      </div>
      <div className={styles['navigator']} data-part="frame">
        <canvas data-part="navigator" aria-hidden />
        <div className={styles['shadeLeft']} />
        <div className={styles['shadeRight']} />
        <div className={styles['pane']} data-part="pane" />
        <Handle part="left" label={`Start of the span of ${name}`} />
        <Handle part="right" label={`End of the span of ${name}`} />
      </div>
      <footer className={styles['footer']}>
        <span data-part="footer" />
      </footer>
      <span className={styles['spoken']} role="status" aria-live="polite" data-part="spoken" />
      {isTableShown && <ChartTable name={name} shown={() => canvas.current?.shown()} />}
    </div>
  )
})

/** Many charts stand far off screen, and a row of buttons costs more than a frame. */
function ChartTools({
  name,
  range,
  isLinked,
  onRange,
  onLink,
  onDownload,
  isTableShown,
  onTable,
}: MetricChartProps & {
  readonly isTableShown: boolean
  readonly onTable: (isShown: boolean) => void
}): ReactElement {
  return (
    <span className={styles['tools']}>
      <Segmented
        label={`Zoom of ${name}`}
        value={rangeChoice(range)}
        options={RANGE_CHOICES}
        onChange={(choice) => onRange(name, rangeOfChoice(choice))}
      />
      <IconButton
        label={isLinked ? 'Zoom this chart alone' : 'Zoom with the other charts'}
        size="sm"
        isSelected={!isLinked}
        onPress={() => onLink(name, !isLinked)}
      >
        {isLinked ? <Link2 aria-hidden /> : <Link2Off aria-hidden />}
      </IconButton>
      <Menu
        label={`More for ${name}`}
        className={styles['more'] ?? ''}
        actions={[
          {
            label: isTableShown ? 'Hide data table' : 'Show data table',
            icon: <Table2 aria-hidden />,
            onAction: () => onTable(!isTableShown),
          },
          {
            label: 'Download CSV',
            icon: <Download aria-hidden />,
            onAction: () => onDownload(name),
          },
        ]}
      >
        <Ellipsis aria-hidden />
      </Menu>
    </span>
  )
}

function Handle({
  part,
  label,
}: {
  readonly part: 'left' | 'right'
  readonly label: string
}): ReactElement {
  return (
    <div
      className={styles['handle']}
      data-part={part}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={part === 'left' ? 0 : 100}
    />
  )
}

const KEY_ZOOM = 1.5

function pressed(event: React.KeyboardEvent, canvas: MetricCanvas | undefined): void {
  if (canvas === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  const step = event.shiftKey ? 10 : 1
  switch (event.key) {
    case 'ArrowLeft':
      canvas.stepCursor(-step)
      break
    case 'ArrowRight':
      canvas.stepCursor(step)
      break
    case '+':
    case '=':
      canvas.zoomBy(1 / KEY_ZOOM)
      break
    case '-':
      canvas.zoomBy(KEY_ZOOM)
      break
    case 'Escape':
      canvas.clearCursor()
      break
    default:
      return
  }
  event.preventDefault()
}

/** Far below the screen a chart is only its frame. */
function useIsNear(element: React.RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false)
  useEffect(() => {
    if (element.current === null) return undefined
    const observer = new IntersectionObserver(
      (entries) => setNear(entries.at(-1)?.isIntersecting === true),
      { rootMargin: '300px 0px' },
    )
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return isNear
}

function chartElements(card: HTMLElement): ChartElements | undefined {
  const part = (name: string): HTMLElement | null => card.querySelector(`[data-part="${name}"]`)
  const parts = {
    plot: part('plot'),
    readout: part('readout'),
    kind: part('kind'),
    last: part('last'),
    figures: part('figures'),
    stale: part('stale'),
    footer: part('footer'),
    spoken: part('spoken'),
    frame: part('frame'),
    pane: part('pane'),
    left: part('left'),
    right: part('right'),
  }
  const canvas = card.querySelector('canvas[data-part="navigator"]')
  if (!areAllThere(parts) || !(canvas instanceof HTMLCanvasElement)) return undefined
  const { frame, pane, left, right, ...rest } = parts
  return { card, ...rest, navigator: { frame, canvas, pane, left, right } }
}

function areAllThere<Key extends string>(
  parts: Readonly<Record<Key, HTMLElement | null>>,
): parts is Readonly<Record<Key, HTMLElement>> {
  return Object.values(parts).every((part) => part !== null)
}

const swatch = (place: number): React.CSSProperties => ({
  background: `var(--series-${(place % 8) + 1})`,
})
