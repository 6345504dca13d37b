import { request } from './request.ts'

/** Exchanges the server's key for this browser's cookie. Throws ApiError UNAUTHORIZED for a wrong key. */
export async function openSession(key: string): Promise<void> {
  await request<unknown>('/session', { method: 'POST', body: { key } })
}
