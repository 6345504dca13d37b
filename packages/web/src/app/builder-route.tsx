import { useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { JobBuilderPage } from '../job-builder/job-builder-page.tsx'
import { usePageTitle } from './use-page-title.ts'

export function BuilderRoute(): ReactElement {
  usePageTitle('Create job')
  const { from } = useSearch({ from: '/jobs/new' })
  return <JobBuilderPage from={from} />
}
