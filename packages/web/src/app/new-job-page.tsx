import { useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { JobBuilderPage } from '../job-builder/job-builder-page.tsx'
import { useTitle } from '../ui/use-title.ts'

export function NewJobPage(): ReactElement {
  const { from } = useSearch({ from: '/jobs/new' })
  useTitle(from === undefined ? 'Create job' : 'Clone job')
  return <JobBuilderPage from={from} />
}
