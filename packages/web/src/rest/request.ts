import { ApiError, apiErrorOf } from './api-error.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export interface RequestOptions {
  readonly method?: Method
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly signal?: AbortSignal
}

/**
 * One request to /api/v1, with the page's cookie. `path` begins behind it: "/jobs". Throws ApiError, and what `signal` throws.
 * The answer is trusted to be `Answer`: page and server are built from the same contract and served by the same process.
 */
export async function request<Answer>(
  path: string,
  { method = 'GET', body, query = {}, signal }: RequestOptions = {},
): Promise<Answer> {
  const response = await send(`/api/v1${path}${queryText(query)}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
  const text = await response.text()
  if (!response.ok) throw apiErrorOf(response.status, parsed(text))
  const answer: Answer = text === '' ? undefined : JSON.parse(text)
  return answer
}

/** "?a=1&b=x", or nothing; undefined and empty values are left out. */
export function queryText(query: NonNullable<RequestOptions['query']>): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [[key, String(value)]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, credentials: 'same-origin' })
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause
    throw new ApiError('UNREACHABLE', 'The Plotline server cannot be reached. Is it running?', 0)
  }
}

/** Undefined where the text is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
