import { resolve } from 'node:path'
import { OWNER_ONLY } from '../config.ts'
import { printJson, type Context } from '../context.ts'
import { writeWhole } from '../files/write-whole.ts'
import { bytesText } from '@plotline/api/names'
import { badInput } from '../problem.ts'
import { byteProgress } from '../progress.ts'

export interface ExportJobFlags {
  readonly output?: string
  readonly withSecrets?: boolean
}

/** The whole job as one file, which `import` takes. Readable by its owner alone: logs and files of a job are nobody else's. */
export async function exportJob(
  context: Context,
  id: string,
  flags: ExportJobFlags,
): Promise<void> {
  const { server, terminal } = context
  if (flags.output === '-' && terminal.isWatched)
    throw badInput('An archive is no text for a terminal. Give a file with -o FILE, or a pipe.')
  const archive = await server.exportJob(id, flags.withSecrets === true)
  if (flags.output === '-') return terminal.copyOut(archive)
  const file = flags.output ?? `${id}.tar`
  const written = await writeWhole(archive, resolve(context.folder, file), {
    mode: OWNER_ONLY,
    onBytes: byteProgress(context, id),
  })
  if (context.json) printJson(context, { id, file, ...written })
  else terminal.print(`${file} ${bytesText(written.sizeBytes)}`)
}
