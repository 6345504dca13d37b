import type { ServerInfo } from '@plotline/api'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { request } from './request.ts'

const ASK_EACH_MS = 5000

export const serverKey = ['server'] as const

/** What the server says of itself, asked again and again while the tab is seen. */
export function useServer(askEachMs = ASK_EACH_MS): UseQueryResult<ServerInfo> {
  return useQuery({
    queryKey: serverKey,
    queryFn: ({ signal }) => request<ServerInfo>('/server', { signal }),
    refetchInterval: askEachMs,
  })
}
