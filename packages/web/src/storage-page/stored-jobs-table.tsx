import { bytesText } from '@plotline/api/names'
import type { StoredJob } from '@plotline/api'
import { memo, type ReactElement } from 'react'
import { cx } from '../ui/cx.ts'
import { JobLink } from '../ui/job-link.tsx'
import { SortHead } from '../ui/sort-head.tsx'
import table from '../ui/sortable-table.module.css'
import { StatusPill } from '../ui/status-pill.tsx'
import { SIZE_WORDS } from './size-words.ts'
import styles from './stored-jobs-table.module.css'
import {
  SIZE_COLUMNS,
  sortAfterClick,
  type StorageColumn,
  type StorageSort,
} from './storage-sort.ts'

interface StoredJobsTableProps {
  readonly jobs: readonly StoredJob[]
  readonly sort: StorageSort
  readonly onSort: (sort: StorageSort) => void
  readonly selected: ReadonlySet<string>
  readonly onSelect: (jobId: string, isSelected: boolean) => void
  readonly onSelectAll: (isSelected: boolean) => void
}

/** A table where there is room for one, else a card for each job. */
export function StoredJobsTable({
  jobs,
  sort,
  onSort,
  selected,
  onSelect,
  onSelectAll,
}: StoredJobsTableProps): ReactElement {
  const head = (column: StorageColumn, label: string): ReactElement => (
    <SortHead
      key={column}
      column={column}
      label={label}
      sort={sort}
      onPress={() => onSort(sortAfterClick(sort, column))}
      className={styles[`${column}Head`]}
    />
  )
  const largest = jobs.reduce((most, { bytes }) => Math.max(most, bytes.total), 0)
  return (
    <table className={cx(table['table'], styles['table'])} aria-label="Jobs by the room they take">
      <thead>
        <tr>
          <th scope="col" className={styles['tick']}>
            <label>
              <input
                type="checkbox"
                aria-label="Select all jobs of this list"
                checked={jobs.length > 0 && jobs.every(({ id }) => selected.has(id))}
                onChange={({ target }) => onSelectAll(target.checked)}
              />
            </label>
          </th>
          {head('name', 'Job')}
          {head('state', 'State')}
          {SIZE_COLUMNS.map((column) => head(column, SIZE_WORDS[column]))}
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <StoredJobRow
            key={job.id}
            job={job}
            share={largest === 0 ? 0 : job.bytes.total / largest}
            isSelected={selected.has(job.id)}
            onSelect={onSelect}
          />
        ))}
      </tbody>
    </table>
  )
}

const StoredJobRow = memo(function StoredJobRow({
  job,
  share,
  isSelected,
  onSelect,
}: {
  readonly job: StoredJob
  /** Of what the largest one takes. */
  readonly share: number
  readonly isSelected: boolean
  readonly onSelect: (jobId: string, isSelected: boolean) => void
}): ReactElement {
  return (
    <tr className={cx(table['row'], styles['row'], isSelected && styles['selected'])}>
      <td className={styles['tick']}>
        <label>
          <input
            type="checkbox"
            aria-label={`Select ${job.name}`}
            checked={isSelected}
            onChange={({ target }) => onSelect(job.id, target.checked)}
          />
        </label>
      </td>
      <td className={styles['job']}>
        <JobLink job={job} className={styles['name']} />
        <code className={styles['id']}>{job.id}</code>
      </td>
      <td className={styles['state']}>
        <StatusPill state={job.state} />
      </td>
      {SIZE_COLUMNS.map((column) => (
        <td
          key={column}
          className={cx(table['size'], styles['size'], column === 'total' && styles['total'])}
          data-label={SIZE_WORDS[column]}
        >
          {bytesText(job.bytes[column])}
          {column === 'total' && (
            <span aria-hidden className={styles['meter']}>
              <span style={{ width: `${100 * share}%` }} />
            </span>
          )}
        </td>
      ))}
    </tr>
  )
})
