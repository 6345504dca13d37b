import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { failed } from '../problem.ts'
import { systemCode } from './write-whole.ts'

export interface Source {
  readonly bytes: Readable
  /** Undefined for a pipe, which may end anywhere. */
  readonly sizeBytes: number | undefined
}

export async function openSource(file: string): Promise<Source> {
  const handle = await open(file).catch((error: unknown) => {
    throw failed(
      systemCode(error) === 'ENOENT'
        ? `There is no file ${file}.`
        : `${file} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`,
    )
  })
  const stats = await handle.stat()
  if (stats.isDirectory()) {
    await handle.close()
    throw failed(`${file} is a folder, not the archive of a job.`)
  }
  return { bytes: handle.createReadStream(), sizeBytes: stats.isFile() ? stats.size : undefined }
}
