import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from '../rest/api-error.ts'

const MAX_RETRIES = 2
const FRESH_FOR_MS = 5000

/** Calls `onNoSession` when the server does not know this browser (any more). */
export function createQueryClient(onNoSession: () => void): QueryClient {
  const onError = (error: Error): void => {
    if (error instanceof ApiError && error.status === 401) onNoSession()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // The server is one machine away at most, often the same one: "offline" says nothing about it.
        networkMode: 'always',
        staleTime: FRESH_FOR_MS,
        retry: (failures, error) => failures < MAX_RETRIES && isWorthRetrying(error),
      },
      mutations: { networkMode: 'always' },
    },
  })
}

function isWorthRetrying(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500)
}
