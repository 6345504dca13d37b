import type { StoredJob } from '@plotline/api'
import { JOB_STATES } from '@plotline/api/names'

export const SIZE_COLUMNS = ['metrics', 'log', 'artifacts', 'workspace', 'total'] as const
export type SizeColumn = (typeof SIZE_COLUMNS)[number]
export type StorageColumn = SizeColumn | 'name' | 'state'
/** A leading "-" is descending. */
export type StorageSort = StorageColumn | `-${StorageColumn}`
export const DEFAULT_SORT = '-total' satisfies StorageSort

const COLUMNS: readonly StorageColumn[] = ['name', 'state', ...SIZE_COLUMNS]

export interface StorageSearch {
  readonly sort?: StorageSort
}

/** From any address; what means nothing here is left out. */
export function storageSearchOf({ sort }: Readonly<Record<string, unknown>>): StorageSearch {
  const known = COLUMNS.flatMap((column): StorageSort[] => [column, `-${column}`])
  const found = known.find((order) => order === sort)
  return found === undefined || found === DEFAULT_SORT ? {} : { sort: found }
}

/** What a click on a column's head does: turn it round, or sort by it, sizes with the largest first. */
export function sortAfterClick(now: StorageSort, column: StorageColumn): StorageSort {
  if (now === column) return `-${column}`
  if (now === `-${column}`) return column
  return isSize(column) ? `-${column}` : column
}

/** Equal ones stand by their names, so that no row jumps when the sizes are measured again. */
export function sortJobs(jobs: readonly StoredJob[], sort: StorageSort): StoredJob[] {
  const column = COLUMNS.find((known) => sort === known || sort === `-${known}`) ?? 'total'
  const sign = sort.startsWith('-') ? -1 : 1
  return jobs.toSorted((a, b) => sign * compare(a, b, column) || byName(a, b))
}

function compare(a: StoredJob, b: StoredJob, column: StorageColumn): number {
  if (column === 'name') return byName(a, b)
  if (column === 'state') return JOB_STATES.indexOf(a.state) - JOB_STATES.indexOf(b.state)
  return a.bytes[column] - b.bytes[column]
}

function byName(a: StoredJob, b: StoredJob): number {
  return NAMES.compare(a.name, b.name) || NAMES.compare(a.id, b.id)
}

/** "job 9" before "job 10". */
const NAMES = new Intl.Collator('en', { numeric: true })

function isSize(column: StorageColumn): column is SizeColumn {
  return column !== 'name' && column !== 'state'
}
