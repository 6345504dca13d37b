import { useNavigate, useSearch } from '@tanstack/react-router'
import { Activity, Plus, SearchX } from 'lucide-react'
import { useEffect, useRef, type ReactElement } from 'react'
import shell from '../app/shell.module.css'
import { messageOf } from '../rest/api-error.ts'
import { useJobs } from '../rest/jobs.ts'
import { Banner } from '../ui/banner.tsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { cx } from '../ui/cx.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { countText } from '../ui/number-text.ts'
import { MoreRows } from '../ui/more-rows.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useTitle } from '../ui/use-title.ts'
import { useJobImport } from './job-import.tsx'
import styles from './jobs-list-page.module.css'
import { DEFAULT_SORT, filterOf, isNarrowed, searchOf } from './jobs-search.ts'
import { JobsTable } from './jobs-table.tsx'
import { ListToolbar, type SearchChange } from './list-toolbar.tsx'
import { useLiveJobs } from './use-live-jobs.ts'
import { useSeen } from './use-seen.ts'

const CLI_SAMPLE = `npx plotline run --name "my first job" \\
  --metrics testMetric1,testMetric2 \\
  -- python3 train.py`

/** All jobs, live, narrowed and sorted by the address. */
export function JobsListPage(): ReactElement {
  useTitle('Jobs')
  useLiveJobs()
  const search = useSearch({ from: '/jobs' })
  const navigate = useNavigate()
  const jobImport = useJobImport()
  const list = useJobs(filterOf(search))
  const jobs = list.data?.pages.flatMap((page) => page.jobs)
  const counts = list.data?.pages[0]?.counts ?? {}
  const change = (part: SearchChange): void =>
    void navigate({ to: '/jobs', search: searchOf({ ...search, ...part }), replace: true })
  const isFirstTime = jobs?.length === 0 && !isNarrowed(search)

  return (
    <main className={cx(shell['content'], styles['page'])}>
      <header className={styles['head']}>
        <h1 className={styles['title']}>Jobs</h1>
        <p className={styles['counts']}>{jobs !== undefined && countsText(counts)}</p>
        <div className={styles['actions']}>{jobImport.button}</div>
      </header>
      {jobImport.notice}
      {!isFirstTime && <ListToolbar search={search} counts={counts} onChange={change} />}
      {list.isError && <ListError error={list.error} onRetry={() => void list.refetch()} />}
      {jobs === undefined && !list.isError && <LoadingRows />}
      {jobs?.length === 0 && (isNarrowed(search) ? <NoMatch /> : <NoJobs />)}
      {jobs !== undefined && jobs.length > 0 && (
        <JobsTable
          jobs={jobs}
          sort={search.sort ?? DEFAULT_SORT}
          onSort={(sort) => change({ sort })}
        />
      )}
      {list.hasNextPage && (
        <MoreJobs isPending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
      )}
    </main>
  )
}

function ListError({
  error,
  onRetry,
}: {
  readonly error: Error
  readonly onRetry: () => void
}): ReactElement {
  return (
    <Banner
      tone="bad"
      role="alert"
      actions={
        <Button size="sm" onPress={onRetry}>
          Try again
        </Button>
      }
    >
      {messageOf(error)}
    </Banner>
  )
}

function NoMatch(): ReactElement {
  return (
    <EmptyState
      title="No jobs match these filters."
      icon={<SearchX aria-hidden />}
      actions={
        <LinkButton to="/jobs" search={{}}>
          Clear filters
        </LinkButton>
      }
    />
  )
}

function NoJobs(): ReactElement {
  return (
    <div className={styles['first']}>
      <EmptyState
        title="No jobs yet."
        icon={<Activity aria-hidden />}
        actions={
          <LinkButton to="/jobs/new" variant="primary">
            <Plus aria-hidden />
            Create job
          </LinkButton>
        }
      >
        Run a command, name the metrics it sends, and watch them live.
      </EmptyState>
      <div className={styles['sample']}>
        <p className={styles['or']}>Or from a terminal:</p>
        <CodeBlock code={CLI_SAMPLE} label="Copy the command" />
      </div>
    </div>
  )
}

/** Reads on when its end comes into view; the button is for those who do not scroll. */
function MoreJobs({
  isPending,
  onMore,
}: {
  readonly isPending: boolean
  readonly onMore: () => void
}): ReactElement {
  const frame = useRef<HTMLDivElement>(null)
  const isSeen = useSeen(frame)
  const latest = useRef(onMore)
  useEffect(() => {
    latest.current = onMore
  })
  useEffect(() => {
    if (isSeen && !isPending) latest.current()
  }, [isSeen, isPending])
  return (
    <MoreRows ref={frame} onMore={onMore} isPending={isPending}>
      {isPending ? 'Loading more jobs…' : 'Load more jobs'}
    </MoreRows>
  )
}

function LoadingRows(): ReactElement {
  return (
    <div className={styles['loading']} aria-busy>
      {[1, 2, 3, 4, 5].map((row) => (
        <Skeleton key={row} height="3rem" />
      ))}
    </div>
  )
}

/** "128 jobs · 3 running". */
function countsText(counts: Readonly<Record<string, number>>): string {
  const running = counts['Running'] ?? 0
  const all = countText(counts['all'] ?? 0, 'job')
  return running === 0 ? all : `${all} · ${running.toLocaleString('en-US')} running`
}
