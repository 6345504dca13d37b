import type { Job } from '@plotline/api'
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactElement } from 'react'
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
    <SortHead column={column} label={label} sort={sort} onSort={onSort} />
  )
  return (
    <table className={styles['table']} aria-label="Jobs">
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

function SortHead({
  column,
  label,
  sort,
  onSort,
}: Pick<JobsTableProps, 'sort' | 'onSort'> & {
  readonly column: SortColumn
  readonly label: string
}): ReactElement {
  const order = sort === column ? 'ascending' : sort === `-${column}` ? 'descending' : undefined
  const Arrow = order === 'descending' ? ArrowDown : ArrowUp
  return (
    <th scope="col" aria-sort={order}>
      <button
        type="button"
        className={styles['sort']}
        onClick={() => onSort(sortAfterClick(sort, column))}
      >
        {label}
        {order !== undefined && <Arrow aria-hidden />}
      </button>
    </th>
  )
}
