import { useParams } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { JobPage } from '../job-page/job-page.tsx'

export function JobRoute(): ReactElement {
  const { jobId, tab } = useParams({ from: '/jobs/$jobId/$tab' })
  return <JobPage key={jobId} jobId={jobId} tab={tab} />
}
