import { JOB_STATES, type JobState } from '@plotline/api/names'
import type { JobFilter } from '../rest/jobs.ts'

/** What the address says of the list; what it leaves out is not narrowed. */
export interface JobsSearch {
  readonly state?: string
  readonly tag?: string
  readonly q?: string
  readonly sort?: JobSort
}

export const JOB_SORTS = [
  '-created',
  'created',
  '-started',
  'started',
  'name',
  '-name',
  'state',
  '-state',
] as const
export type JobSort = (typeof JOB_SORTS)[number]
export const DEFAULT_SORT = '-created' satisfies JobSort

/** From any address; words that mean nothing here are left out. */
export function searchOf(given: Readonly<Record<string, unknown>>): JobsSearch {
  const state = stateOf(given['state'])
  const sort = JOB_SORTS.find((known) => known === given['sort'])
  return {
    ...(state === undefined ? {} : { state: state.toLowerCase() }),
    ...wordOf('tag', given['tag']),
    ...wordOf('q', given['q']),
    ...(sort === undefined || sort === DEFAULT_SORT ? {} : { sort }),
  }
}

export function filterOf({ state, tag, q, sort }: JobsSearch): JobFilter {
  return {
    ...(state === undefined ? {} : { state }),
    ...(tag === undefined ? {} : { tag }),
    ...(q === undefined ? {} : { q }),
    sort: sort ?? DEFAULT_SORT,
  }
}

export function isNarrowed({ state, tag, q }: JobsSearch): boolean {
  return state !== undefined || tag !== undefined || q !== undefined
}

/** In any case: addresses say "running". */
export function stateOf(word: unknown): JobState | undefined {
  if (typeof word !== 'string') return undefined
  return JOB_STATES.find((state) => state.toLowerCase() === word.toLowerCase())
}

function wordOf<Key extends string>(key: Key, value: unknown): Partial<Record<Key, string>>
function wordOf(key: string, value: unknown): Partial<Record<string, string>> {
  return typeof value === 'string' && value !== '' ? { [key]: value } : {}
}

export type SortColumn = 'created' | 'name' | 'state'

/** What a click on a column's head does: turn it round, or sort by it, times with the newest first. */
export function sortAfterClick(now: JobSort, column: SortColumn): JobSort {
  if (now === column) return `-${column}`
  if (now === `-${column}`) return column
  return column === 'created' ? '-created' : column
}
