import { useParams } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { JobPage } from '../job-page/job-page.tsx'
import styles from './shell.module.css'

export function JobTabPage(): ReactElement {
  const { jobId, tab } = useParams({ from: '/jobs/$jobId/$tab' })
  return (
    <main className={styles['content']}>
      <JobPage key={jobId} jobId={jobId} tab={tab} />
    </main>
  )
}
