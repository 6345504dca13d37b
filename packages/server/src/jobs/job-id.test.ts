import { describe, expect, it } from 'vitest'
import { newJobId } from './job-id.ts'

describe('newJobId', () => {
  it('takes twelve letters from the random bytes, each as likely as any other', () => {
    const bytes = [255, 252, 251, 0, 35, 36, 26, 25]
    const random = (size: number) => Uint8Array.from({ length: size }, (_, i) => bytes[i % 8] ?? 0)
    // 255 and 252 are thrown away: with them, a to d would come more often.
    expect(newJobId(random)).toBe('j9a9a0z9a9a9a')
  })
})
