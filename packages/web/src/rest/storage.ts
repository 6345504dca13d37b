import type { JobDeleted, Storage, StoredJob } from '@plotline/api'
import {
  useMutation,
  useQuery,
  useQueryClient,
  type QueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query'
import { messageOf } from './api-error.ts'
import { forgetJob, jobsKey } from './jobs.ts'
import { request } from './request.ts'
import { serverKey } from './server.ts'

const ASK_EACH_MS = 15_000

const storageKey = ['storage'] as const

/** What takes the room; the sizes of jobs that run are measured anew now and then. */
export function useStorage(): UseQueryResult<Storage> {
  return useQuery({
    queryKey: storageKey,
    queryFn: ({ signal }) => request<Storage>('/storage', { signal }),
    refetchInterval: ASK_EACH_MS,
  })
}

export interface Deletion {
  readonly deleted: number
  readonly bytesFreed: number
  /** The jobs that the server would not delete, and why. */
  readonly failures: readonly { readonly job: StoredJob; readonly message: string }[]
}

/** One after the other; what fails for one keeps no other from being deleted. `onDone` hears how many were asked for so far. */
export function useDeleteStoredJobs(
  onDone: (count: number) => void,
): UseMutationResult<Deletion, Error, readonly StoredJob[]> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (jobs) => deleteEach(client, jobs, onDone),
    onSettled: () =>
      Promise.all(
        [storageKey, jobsKey, serverKey].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  })
}

async function deleteEach(
  client: QueryClient,
  jobs: readonly StoredJob[],
  onDone: (count: number) => void,
): Promise<Deletion> {
  const failures: Deletion['failures'][number][] = []
  let bytesFreed = 0
  for (const [at, job] of jobs.entries()) {
    try {
      const path = `/jobs/${encodeURIComponent(job.id)}`
      bytesFreed += (await request<JobDeleted>(path, { method: 'DELETE' })).bytesFreed
      forgetJob(client, job.id)
      forgetStoredJob(client, job.id)
    } catch (error) {
      failures.push({ job, message: messageOf(error) })
    }
    onDone(at + 1)
  }
  return { deleted: jobs.length - failures.length, bytesFreed, failures }
}

/** Its row goes at once; the sums come right with the next reading. */
function forgetStoredJob(client: QueryClient, jobId: string): void {
  client.setQueryData<Storage>(
    storageKey,
    (storage) =>
      storage && { ...storage, jobs: storage.jobs.filter((stored) => stored.id !== jobId) },
  )
}
