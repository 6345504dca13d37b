import type { Job, LogLine, LogPage } from '@plotline/api'
import { isFinal } from '@plotline/api/names'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, Terminal, WrapText } from 'lucide-react'
import {
  useCallback,
  useDeferredValue,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactElement,
} from 'react'
import { countOf } from '../charts/value-format.ts'
import { useLiveConnection } from '../live/use-live.tsx'
import { request } from '../rest/request.ts'
import { Banner } from '../ui/banner.tsx'
import { Button } from '../ui/button.tsx'
import controls from '../ui/controls.module.css'
import { CopyButton } from '../ui/copy-button.tsx'
import { DownloadLink } from '../ui/download-link.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { useShortcuts } from '../ui/shortcut.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { TextField } from '../ui/text-field.tsx'
import { LogLineRow, type Timestamps } from './log-line-row.tsx'
import { createLogWindow, type LogWindow } from './log-window.ts'
import styles from './logs-tab.module.css'

type Stream = 'all' | 'stdout' | 'stderr'

const STREAMS = [
  { value: 'all', label: 'All' },
  { value: 'stdout', label: 'stdout' },
  { value: 'stderr', label: 'stderr' },
] as const
const TIMESTAMPS = [
  { value: 'off', label: 'No time' },
  { value: 'relative', label: 'Since start' },
  { value: 'clock', label: 'Clock' },
] as const

/** A line's number is a link, and a target has at least this. */
const LINE_PX = 24
/** Scrolled this near to an end, more is read. */
const NEAR_PX = 600
/** Nearer than this to the end is at the end. */
const AT_END_PX = 24
const SHOW_EACH_MS = 60
const MAX_MATCHES = 1000
const SEARCH_AGAIN_MS = 3000

/** Give it the job's id as key: another job is another log. */
export function LogsTab({ job }: { readonly job: Job }): ReactElement {
  const log = useLogWindow(job.id)
  const state = useSyncExternalStore(log.onState, log.state)
  const [stream, setStream] = useState<Stream>('all')
  const [timestamps, setTimestamps] = useState<Timestamps>('off')
  const [isWrapped, setWrapped] = useState(true)
  const [query, setQuery] = useState('')
  // How long the log was when the reader left its end; undefined while it is followed.
  const [leftAt, setLeftAt] = useState(() =>
    linkedLine(window.location.hash) === undefined ? undefined : Number.POSITIVE_INFINITY,
  )
  const isFollowing = leftAt === undefined
  const sought = useDeferredValue(query)
  const matches = useMatches(job, sought)
  const searchBox = useRef<HTMLElement>(null)
  const [linked, link] = useLinkedLine()
  const startedAt = job.startedAt ?? job.createdAt
  useShortcuts([
    { key: '/', run: () => searchBox.current?.focus() },
    { key: 'G', run: () => follow() },
  ])

  const follow = useCallback(() => {
    setQuery('')
    setLeftAt(undefined)
    if (!log.state().isAtEnd) void log.goToEnd()
  }, [log])
  const goToLine = useCallback(
    (n: number) => {
      link(n)
      setQuery('')
      setLeftAt(log.state().total)
      if (!log.state().lines.some((line) => line.n === n)) void log.goToLine(n)
    },
    [link, log],
  )

  const lines = useMemo(() => {
    const source = sought === '' ? state.lines : (matches?.lines ?? [])
    return stream === 'all' ? source : source.filter((line) => line.stream === stream)
  }, [matches, sought, state.lines, stream])
  const unseen = Math.max(0, state.total - (leftAt ?? state.total))

  return (
    <section aria-label="Log" className={styles['tab']}>
      <div className={styles['command']}>
        <span aria-hidden>$</span>
        <code title={job.command}>{job.command}</code>
        <CopyButton text={job.command} label="Copy the command" />
      </div>
      <div className={controls['controls']}>
        <TextField
          label="Search the log"
          isLabelHidden
          type="search"
          placeholder="Search the whole log"
          value={query}
          onChange={setQuery}
          className={styles['search'] ?? ''}
          boxRef={(box) => {
            searchBox.current = box
          }}
        />
        {sought !== '' && (
          <span className={styles['matches']} role="status">
            {matches === undefined ? 'Searching…' : matchWords(matches)}
          </span>
        )}
        <span className={controls['gap']} />
        <Segmented label="Stream" value={stream} options={STREAMS} onChange={setStream} />
        <Segmented label="Time" value={timestamps} options={TIMESTAMPS} onChange={setTimestamps} />
        <IconButton
          label="Wrap long lines"
          isSelected={isWrapped}
          onPress={() => setWrapped(!isWrapped)}
        >
          <WrapText aria-hidden />
        </IconButton>
        <DownloadLink href={`/api/v1/jobs/${encodeURIComponent(job.id)}/log.txt`}>
          Download
        </DownloadLink>
      </div>
      {state.error !== undefined && (
        <Banner tone="bad" actions={<Button onPress={() => void log.goToEnd()}>Try again</Button>}>
          {state.error}
        </Banner>
      )}
      {!state.isLoaded && state.error === undefined && <Skeleton height="24rem" />}
      {state.isLoaded && state.total === 0 && (
        <EmptyState
          icon={<Terminal aria-hidden />}
          title={
            isFinal(job.state) || state.isComplete
              ? 'The job produced no output.'
              : 'No output yet.'
          }
        />
      )}
      {state.isLoaded && state.total > 0 && (
        <div className={styles['frame']}>
          <Lines
            lines={lines}
            log={log}
            isLive={sought === ''}
            isWrapped={isWrapped}
            isFollowing={isFollowing && sought === ''}
            onFollowing={(follows) => setLeftAt(follows ? undefined : state.total)}
            timestamps={timestamps}
            startedAt={startedAt}
            match={sought}
            linked={linked}
            onLink={goToLine}
          />
          {sought === '' && !isFollowing && (
            <button type="button" className={styles['follow']} onClick={follow}>
              <ArrowDown aria-hidden />
              {unseen > 0 ? countOf(unseen, 'new line') : 'Follow'}
            </button>
          )}
        </div>
      )}
    </section>
  )
}

interface LinesProps {
  readonly lines: readonly LogLine[]
  readonly log: LogWindow
  /** The lines are the window's own, not those that a search found. */
  readonly isLive: boolean
  readonly isWrapped: boolean
  readonly isFollowing: boolean
  readonly onFollowing: (isFollowing: boolean) => void
  readonly timestamps: Timestamps
  readonly startedAt: number
  readonly match: string
  readonly linked: number | undefined
  readonly onLink: (n: number) => void
}

/** Only the lines on screen are on the page. */
function Lines(props: LinesProps): ReactElement {
  const { lines, log, isLive, isWrapped, isFollowing, onFollowing, linked } = props
  const frame = useRef<HTMLDivElement>(null)
  const scrolled = useRef(0)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE_PX,
    overscan: 30,
    getItemKey: (index) => lines[index]?.n ?? index,
  })
  const linkedIndex = linked === undefined ? -1 : lines.findIndex(({ n }) => n === linked)
  const first = lines[0]?.n

  // Lines that come in above must not push away what is being read.
  const firstBefore = useRef(first)
  useLayoutEffect(() => {
    const before = firstBefore.current
    firstBefore.current = first
    if (before === undefined || first === undefined || first >= before) return
    const added = lines.findIndex(({ n }) => n === before)
    if (added > 0) virtual.scrollToOffset((virtual.scrollOffset ?? 0) + added * LINE_PX)
  }, [first, lines, virtual])

  useLayoutEffect(() => {
    if (isFollowing && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [isFollowing, lines, virtual, isWrapped])

  useLayoutEffect(() => {
    if (linkedIndex >= 0 && !isFollowing) virtual.scrollToIndex(linkedIndex, { align: 'center' })
    // Once for each line that is linked to, not whenever lines come before it.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [linked, linkedIndex >= 0, virtual])

  const onScroll = (): void => {
    const element = frame.current
    if (element === null || !isLive) return
    const { scrollTop, scrollHeight, clientHeight } = element
    const below = scrollHeight - scrollTop - clientHeight
    const isUp = scrollTop < scrolled.current
    scrolled.current = scrollTop
    if (isUp && below > AT_END_PX && isFollowing) onFollowing(false)
    else if (!isUp && below <= AT_END_PX && !isFollowing && log.state().isAtEnd) onFollowing(true)
    if (isUp && scrollTop < NEAR_PX) void log.loadOlder()
    if (!isUp && below < NEAR_PX && !log.state().isAtEnd) void log.loadNewer()
  }

  return (
    // What scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div
      ref={frame}
      className={styles['lines']}
      data-wrapped={isWrapped}
      role="region"
      aria-label="Lines of the log"
      tabIndex={0}
      onScroll={onScroll}
    >
      <div className={styles['sheet']} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index]
          if (line === undefined) return null
          return (
            <div
              key={key}
              ref={isWrapped ? virtual.measureElement : undefined}
              data-index={index}
              className={styles['row']}
              style={{ transform: `translateY(${start}px)` }}
            >
              <LogLineRow
                line={line}
                timestamps={props.timestamps}
                startedAt={props.startedAt}
                match={props.match}
                isLinked={line.n === linked}
                onLink={props.onLink}
              />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function useLogWindow(jobId: string): LogWindow {
  const connection = useLiveConnection()
  const [log] = useState(() =>
    createLogWindow({
      jobId,
      subscribe: connection.subscribe,
      readPage: (query, signal) =>
        request<LogPage>(`/jobs/${encodeURIComponent(jobId)}/logs`, {
          query: { ...query },
          signal,
        }),
      soon: (show) => setTimeout(show, SHOW_EACH_MS),
    }),
  )
  useEffect(() => log.open(linkedLine(window.location.hash)), [log])
  return log
}

/** The server searches the whole log; while the job runs it is asked again. */
function useMatches(job: Job, query: string): LogPage | undefined {
  const { data } = useQuery({
    queryKey: ['log', job.id, query],
    queryFn: ({ signal }) =>
      request<LogPage>(`/jobs/${encodeURIComponent(job.id)}/logs`, {
        query: { q: query, limit: MAX_MATCHES },
        signal,
      }),
    enabled: query !== '',
    placeholderData: keepPreviousData,
    refetchInterval: isFinal(job.state) ? false : SEARCH_AGAIN_MS,
  })
  return data
}

function matchWords({ lines }: LogPage): string {
  if (lines.length >= MAX_MATCHES) return `First ${countOf(MAX_MATCHES, 'line')} that match`
  return lines.length === 0 ? 'No line matches' : `${countOf(lines.length, 'line')} found`
}

function useLinkedLine(): readonly [number | undefined, (n: number) => void] {
  const hash = useLocation({ select: (location) => location.hash })
  const navigate = useNavigate()
  const link = useCallback(
    (n: number) => {
      void navigate({
        to: '.',
        hash: `L${n}`,
        hashScrollIntoView: false,
        replace: true,
        resetScroll: false,
      })
    },
    [navigate],
  )
  return [linkedLine(hash), link]
}

function linkedLine(hash: string): number | undefined {
  const n = /^#?L(\d{1,9})$/.exec(hash)?.[1]
  return n === undefined ? undefined : Number(n)
}
