import type { Context } from './context.ts'
import { bytesText } from '@plotline/api/names'

const SHOW_EACH_MS = 100

/** Shows how many bytes have gone, `words` before them, not more often than one can read. */
export function byteProgress(
  { terminal, now }: Pick<Context, 'terminal' | 'now'>,
  words: string,
): (sizeBytes: number) => void {
  let shownAt = -Infinity
  return (sizeBytes) => {
    const at = now()
    if (at - shownAt < SHOW_EACH_MS) return
    shownAt = at
    terminal.progress(`${words} ${bytesText(sizeBytes)}`)
  }
}
