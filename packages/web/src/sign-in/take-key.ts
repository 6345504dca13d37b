import { ApiError } from '../rest/api-error.ts'
import { openSession } from '../rest/session.ts'
import { keyOfLink, linkWithoutKey } from './key-of-link.ts'

/** `refused`: the link held a key that is not this server's. */
export type KeyTaken = 'none' | 'opened' | 'refused'

/** Opens a session with the key of the link, if it holds one, and takes the key out of the address and the history. */
export async function takeKey({ location, history }: Window): Promise<KeyTaken> {
  const key = keyOfLink(location.href)
  if (key === undefined) return 'none'
  history.replaceState(null, '', linkWithoutKey(location.href))
  try {
    await openSession(key)
    return 'opened'
  } catch (error) {
    // A server that is away is told by the page itself, which asks it next.
    return error instanceof ApiError && error.status === 401 ? 'refused' : 'none'
  }
}
