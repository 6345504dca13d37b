import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EXIT_FAILED, Problem } from '../problem.ts'

/** What a file bears while it is written. */
export const PART = '.part'

export interface Written {
  readonly sizeBytes: number
  /** In hexadecimal. */
  readonly sha256: string
}

export interface WriteOptions {
  readonly mode?: number
  /** Hears how many bytes there are so far. */
  readonly onBytes?: (sizeBytes: number) => void
}

/** The file appears when it is whole and on the disk: what broke off is not taken for one. */
export async function writeWhole(
  source: Readable,
  file: string,
  { mode = 0o666, onBytes }: WriteOptions = {},
): Promise<Written> {
  const part = file + PART
  const hash = createHash('sha256')
  let sizeBytes = 0
  async function* measured(chunks: AsyncIterable<Uint8Array | string>): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      hash.update(bytes)
      sizeBytes += bytes.length
      onBytes?.(sizeBytes)
      yield bytes
    }
  }
  try {
    // The mode counts only for a file that is not there yet.
    await rm(part, { force: true })
    await pipeline(source, measured, createWriteStream(part, { flags: 'wx', mode, flush: true }))
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw notWritten(file, error)
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}

function notWritten(file: string, error: unknown): Problem {
  if (error instanceof Problem)
    return new Problem(error.exitCode, [`${file} was not written.`, ...error.lines], error.code)
  const why = error instanceof Error ? error.message : 'unknown'
  return new Problem(EXIT_FAILED, [`${file} was not written: ${why}`], systemCode(error))
}

/** "ENOSPC", "EACCES"; undefined where the system had no part in it. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
