import type { Job } from '@plotline/api'
import { resolve } from 'node:path'
import { Transform } from 'node:stream'
import { printJson, type Context } from '../context.ts'
import { openSource, type Source } from '../files/open-source.ts'
import { forEach, throwAll } from '../for-each.ts'
import { Problem } from '../problem.ts'
import { byteProgress } from '../progress.ts'
import { noteJob } from './submit.ts'

/** Takes in what `export` wrote; "-" is standard input. */
export async function importJobs(context: Context, files: readonly string[]): Promise<void> {
  const { done, problems } = await forEach(files, async (file) => {
    const job = await importFile(context, file)
    if (context.json) return job
    noteJob(context, job)
    context.terminal.print(job.id)
    return job
  })
  if (context.json) printJson(context, { jobs: done })
  throwAll(problems)
}

async function importFile(context: Context, file: string): Promise<Job> {
  const source: Source =
    file === '-'
      ? { bytes: context.terminal.input(), sizeBytes: undefined }
      : await openSource(resolve(context.folder, file))
  return sendArchive(context, source, file)
}

/** Sends it, tells how much has gone, and names it where it is refused. */
export async function sendArchive(context: Context, source: Source, name: string): Promise<Job> {
  const bytes = source.bytes.pipe(counted(byteProgress(context, name)))
  source.bytes.once('error', (error) => bytes.destroy(error))
  try {
    return await context.server.importJob({ ...source, bytes })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem(
      error.exitCode,
      error.lines.map((line) => `${name}: ${line}`),
      error.code,
    )
  } finally {
    source.bytes.destroy()
  }
}

function counted(onBytes: (sizeBytes: number) => void): Transform {
  let sizeBytes = 0
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      sizeBytes += chunk.length
      onBytes(sizeBytes)
      done(null, chunk)
    },
  })
}
