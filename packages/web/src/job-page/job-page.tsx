import type { Job } from '@plotline/api'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState, type ReactElement } from 'react'
import { useLiveTopic } from '../live/use-live.tsx'
import { ApiError, messageOf } from '../rest/api-error.ts'
import { forgetJob, keepJob, useJob } from '../rest/jobs.ts'
import { Banner } from '../ui/banner.tsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { useShortcuts } from '../ui/shortcut.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { TabLink, TabLinks } from '../ui/tab-links.tsx'
import { JobHeader } from './job-header.tsx'
import styles from './job-page.module.css'
import { StatusBar } from './status-bar.tsx'
import { useRestoredNotice } from './use-restored-notice.ts'

const TABS = ['logs', 'environment', 'metrics'] as const
type JobTab = (typeof TABS)[number]

// Charts bring a drawing library along: what is not shown is not loaded.
const MetricsTab = lazy(() =>
  import('../metrics-tab/metrics-tab.tsx').then((module) => ({ default: module.MetricsTab })),
)
const LogsTab = lazy(() =>
  import('../logs-tab/logs-tab.tsx').then((module) => ({ default: module.LogsTab })),
)
const EnvironmentTab = lazy(() =>
  import('../environment-tab/environment-tab.tsx').then((module) => ({
    default: module.EnvironmentTab,
  })),
)

/** One job: what it is, how it does, and its tabs. `tab` is a word of the URL and may be any. */
export function JobPage({
  jobId,
  tab,
}: {
  readonly jobId: string
  readonly tab: string
}): ReactElement {
  const { data: job, error, refetch } = useJob(jobId)
  const isDeleted = useLiveJob(jobId)
  useRestoredNotice()

  if (isDeleted) return <Gone title="This job was deleted." />
  if (job !== undefined) return <KnownJob job={job} tab={tabOf(tab, job)} />
  if (error instanceof ApiError && error.status === 404) return <Gone title={error.message} />
  if (error !== null)
    return (
      <EmptyState
        title="The job could not be loaded."
        actions={<Button onPress={() => void refetch()}>Try again</Button>}
      >
        {messageOf(error)}
      </EmptyState>
    )
  return <LoadingJob />
}

function KnownJob({ job, tab }: { readonly job: Job; readonly tab: JobTab }): ReactElement {
  useTabKeys(job.id)
  useEffect(() => {
    document.title = `${job.name} · Plotline`
  }, [job.name])
  const link = (to: JobTab, words: string, count?: number): ReactElement => (
    <TabLink
      to="/jobs/$jobId/$tab"
      params={{ jobId: job.id, tab: to }}
      activeOptions={{ includeSearch: false }}
      count={count}
    >
      {words}
    </TabLink>
  )
  return (
    <div className={styles['page']}>
      <JobHeader job={job} />
      <StatusBar job={job} />
      {job.error !== null && (
        <Banner tone="bad" role="status">
          <strong>The job could not start.</strong> {job.error}
        </Banner>
      )}
      <TabLinks label="Parts of the job">
        {link('logs', 'Logs')}
        {link('environment', 'Environment')}
        {link('metrics', 'Metrics', job.customMetrics.length)}
      </TabLinks>
      <Suspense fallback={<Skeleton height="20rem" />}>
        <Tab job={job} tab={tab} />
      </Suspense>
    </div>
  )
}

function Tab({ job, tab }: { readonly job: Job; readonly tab: JobTab }): ReactElement {
  switch (tab) {
    case 'logs':
      return <LogsTab key={job.id} job={job} />
    case 'environment':
      return <EnvironmentTab job={job} />
    case 'metrics':
      return <MetricsTab job={job} />
  }
}

/** Keeps the job of the cache as the server tells it; true once it was deleted. */
function useLiveJob(jobId: string): boolean {
  const client = useQueryClient()
  const [deletedId, setDeletedId] = useState<string>()
  useLiveTopic({ topic: 'job', jobId }, (message) => {
    if (message.type === 'job') keepJob(client, message.job)
    if (message.type !== 'job-deleted') return
    forgetJob(client, jobId)
    setDeletedId(jobId)
  })
  return deletedId === jobId
}

function useTabKeys(jobId: string): void {
  const navigate = useNavigate()
  const to = (key: string, tab: JobTab) => ({
    key,
    run: () => void navigate({ to: '/jobs/$jobId/$tab', params: { jobId, tab } }),
  })
  useShortcuts([to('L', 'logs'), to('E', 'environment'), to('M', 'metrics')])
}

function tabOf(word: string, job: Job): JobTab {
  const known = TABS.find((tab) => tab === word)
  return known ?? (job.customMetrics.length > 0 ? 'metrics' : 'logs')
}

function Gone({ title }: { readonly title: string }): ReactElement {
  return (
    <EmptyState title={title} actions={<LinkButton to="/jobs">Back to the jobs</LinkButton>}>
      Its metrics and logs went with it.
    </EmptyState>
  )
}

function LoadingJob(): ReactElement {
  return (
    <div className={styles['page']} aria-busy>
      <Skeleton width="16rem" height="2rem" />
      <Skeleton height="2.5rem" />
      <Skeleton height="24rem" />
    </div>
  )
}
