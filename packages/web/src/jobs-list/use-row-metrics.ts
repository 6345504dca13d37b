import type { Job, MetricData, SeriesJson } from '@plotline/api'
import { isFinal } from '@plotline/api/names'
import { useQuery } from '@tanstack/react-query'
import { request } from '../rest/request.ts'

const POINTS = 40
const REFRESH_MS = 2000

/** A few points of the first `count` metrics of a job; again every two seconds while it runs and `isSeen`. */
export function useRowMetrics(job: Job, count: number, isSeen: boolean): readonly SeriesJson[] {
  const names = job.customMetrics.slice(0, count).join(',')
  const isOver = isFinal(job.state)
  const { data } = useQuery({
    queryKey: ['row metrics', job.id, names, isOver],
    queryFn: ({ signal }) =>
      request<MetricData>(`/jobs/${job.id}/metrics/data`, {
        query: { names, points: POINTS },
        signal,
      }),
    enabled: isSeen && names !== '' && job.startedAt !== null,
    staleTime: isOver ? Infinity : REFRESH_MS,
    refetchInterval: isOver ? false : REFRESH_MS,
  })
  return data?.series ?? NONE
}

const NONE: readonly SeriesJson[] = []
