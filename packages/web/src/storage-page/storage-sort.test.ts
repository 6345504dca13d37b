import type { StoredJob } from '@plotline/api'
import { describe, expect, it } from 'vitest'
import { sortAfterClick, sortJobs, storageSearchOf } from './storage-sort.ts'

const job = (name: string, total: number, state: StoredJob['state'] = 'Stopped'): StoredJob => ({
  id: `j${name}`,
  name,
  state,
  bytes: { metrics: total, log: 0, artifacts: 0, workspace: 0, total },
})

describe('sortJobs', () => {
  const jobs = [job('job 10', 5), job('job 9', 7, 'Running'), job('a', 5)]

  it.each([
    ['-total', ['job 9', 'a', 'job 10']],
    ['total', ['a', 'job 10', 'job 9']],
    ['name', ['a', 'job 9', 'job 10']],
    ['-name', ['job 10', 'job 9', 'a']],
    ['state', ['job 9', 'a', 'job 10']],
    ['log', ['a', 'job 9', 'job 10']],
  ] as const)('by %s', (sort, names) => {
    expect(sortJobs(jobs, sort).map(({ name }) => name)).toEqual(names)
  })
})

describe('storageSearchOf', () => {
  it.each([
    [{ sort: '-log' }, { sort: '-log' }],
    [{ sort: '-total' }, {}],
    [{ sort: 'size' }, {}],
    [{ sort: 3, state: 'running' }, {}],
  ])('takes %j as %j', (given, search) => {
    expect(storageSearchOf(given)).toEqual(search)
  })
})

describe('sortAfterClick', () => {
  it.each([
    ['-total', 'total', 'total'],
    ['total', 'total', '-total'],
    ['-total', 'log', '-log'],
    ['-total', 'name', 'name'],
  ] as const)('from %s on %s to %s', (now, column, next) => {
    expect(sortAfterClick(now, column)).toBe(next)
  })
})
