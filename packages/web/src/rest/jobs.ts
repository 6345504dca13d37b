import type { Job, JobDeleted, JobPage, JobPatch, JobQuery, NewJob } from '@plotline/api'
import {
  keepPreviousData,
  skipToken,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryClient,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query'
import { request } from './request.ts'

const PAGE_SIZE = 50

/** What the list of jobs is narrowed and sorted by. */
export type JobFilter = Pick<JobQuery, 'state' | 'tag' | 'q' | 'project' | 'sort'>

export const jobsKey = ['jobs'] as const
export const jobKey = (jobId: string): readonly ['job', string] => ['job', jobId]

/** All pages read so far, and the way to the next one. While it narrows or sorts anew, the rows before stay. */
export function useJobs(filter: JobFilter): UseInfiniteQueryResult<InfiniteData<JobPage, string>> {
  return useInfiniteQuery({
    queryKey: [...jobsKey, filter],
    queryFn: ({ pageParam, signal }) =>
      request<JobPage>('/jobs', {
        query: { ...filter, cursor: pageParam, limit: PAGE_SIZE },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })
}

/** `undefined` asks for nothing. */
export function useJob(jobId: string | undefined): UseQueryResult<Job> {
  const { queryKey, queryFn } = oneJob(jobId ?? '')
  return useQuery({ queryKey, queryFn: jobId === undefined ? skipToken : queryFn })
}

/** From the cache if it is there. */
export function readJob(client: QueryClient, jobId: string): Promise<Job> {
  return client.ensureQueryData(oneJob(jobId))
}

function oneJob(jobId: string): {
  readonly queryKey: readonly ['job', string]
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Job>
} {
  return {
    queryKey: jobKey(jobId),
    queryFn: ({ signal }) => request<Job>(jobPath(jobId), { signal }),
  }
}

export function useCreateJob(): UseMutationResult<Job, Error, NewJob> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (job) => request<Job>('/jobs', { method: 'POST', body: job }),
    onSuccess: (job) => keepJob(client, job),
  })
}

export function usePatchJob(jobId: string): UseMutationResult<Job, Error, JobPatch> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (patch) => request<Job>(jobPath(jobId), { method: 'PATCH', body: patch }),
    onSuccess: (job) => keepJob(client, job),
  })
}

export function useStopJob(): UseMutationResult<Job, Error, string> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (jobId) => request<Job>(`${jobPath(jobId)}/stop`, { method: 'POST' }),
    onSuccess: (job) => keepJob(client, job),
  })
}

export function useCloneJob(): UseMutationResult<Job, Error, string> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (jobId) => request<Job>(`${jobPath(jobId)}/clone`, { method: 'POST' }),
    onSuccess: (job) => keepJob(client, job),
  })
}

/** The whole job as one file, for another server; without the values of its secrets. */
export function jobArchive({ id }: Job): { readonly href: string; readonly name: string } {
  return { href: `/api/v1${jobPath(id)}/export`, name: `${id}.tar` }
}

/** The row goes at once; it comes back if the server refuses. */
export function useDeleteJob(): UseMutationResult<JobDeleted, Error, string> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (jobId) => request<JobDeleted>(jobPath(jobId), { method: 'DELETE' }),
    onMutate: (jobId) => forgetJob(client, jobId),
    onSettled: () => client.invalidateQueries({ queryKey: jobsKey }),
  })
}

/** A job as the server just told it: into its own entry and into every list that shows it. */
export function keepJob(client: QueryClient, job: Job): void {
  client.setQueryData(jobKey(job.id), job)
  const isListed = changeLists(client, job.id, () => [job])
  if (!isListed) void client.invalidateQueries({ queryKey: jobsKey })
}

/** Out of every list; true where one showed it. */
export function forgetJob(client: QueryClient, jobId: string): boolean {
  return changeLists(client, jobId, () => [])
}

function changeLists(client: QueryClient, jobId: string, change: () => Job[]): boolean {
  let isListed = false
  client.setQueriesData<InfiniteData<JobPage, string>>({ queryKey: jobsKey }, (data) => {
    if (data === undefined) return undefined
    const pages = data.pages.map((page) => {
      if (!page.jobs.some((listed) => listed.id === jobId)) return page
      isListed = true
      return {
        ...page,
        jobs: page.jobs.flatMap((listed) => (listed.id === jobId ? change() : [listed])),
      }
    })
    return { ...data, pages }
  })
  return isListed
}

function jobPath(jobId: string): string {
  return `/jobs/${encodeURIComponent(jobId)}`
}
