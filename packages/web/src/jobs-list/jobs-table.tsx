import type { Job } from '@plotline/api'
import type { ReactElement } from 'react'
import { cx } from '../ui/cx.ts'
import { SortHead } from '../ui/sort-head.tsx'
import table from '../ui/sortable-table.module.css'
import { VisuallyHidden } from '../ui/visually-hidden.tsx'
import { JobRow } from './job-row.tsx'
import { sortAfterClick, type JobSort, type SortColumn } from './jobs-search.ts'
import styles from './jobs-table.module.css'

interface JobsTableProps {
  readonly jobs: readonly Job[]
  readonly sort: JobSort
  readonly onSort: (sort: JobSort) => void
}

/** A table where there is room for one, else a card for each job. */
export function JobsTable({ jobs, sort, onSort }: JobsTableProps): ReactElement {
  const head = (column: SortColumn, label: string): ReactElement => (
    <SortHead
      column={column}
      label={label}
      sort={sort}
      onPress={() => onSort(sortAfterClick(sort, column))}
    />
  )
  return (
    <table className={cx(table['table'], styles['table'])} aria-label="Jobs">
      <thead>
        <tr>
          {head('state', 'Status')}
          {head('name', 'Job')}
          <th scope="col">Metrics</th>
          {head('created', 'Started')}
          <th scope="col" className={styles['sizeHead']}>
            Size
          </th>
          <th scope="col">
            <VisuallyHidden>Actions</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </tbody>
    </table>
  )
}
