import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Written } from './write-whole.ts'

/** Size and hash of a file, of which little is held in memory. */
export async function hashFile(file: string): Promise<Written> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  const chunks: AsyncIterable<Buffer> = createReadStream(file)
  for await (const chunk of chunks) {
    hash.update(chunk)
    sizeBytes += chunk.length
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}
