import type { Job } from '@plotline/api'
import { join, resolve } from 'node:path'
import { MANIFEST, readManifest, type Manifest, type SavedJob } from '../backup/manifest.ts'
import { printJson, type Context } from '../context.ts'
import { hashFile } from '../files/hash-file.ts'
import { openSource } from '../files/open-source.ts'
import { throwAll } from '../for-each.ts'
import { bytesText } from '@plotline/api/names'
import { cutText, plainLine } from '../format/width.ts'
import { badInput, EXIT_CANCELLED, failed, Problem } from '../problem.ts'
import { startServer } from '../server-process.ts'
import { sendArchive } from './import-jobs.ts'

export interface RestoreFlags {
  readonly data?: string
}

const MAX_NAME_WIDTH = 40

interface Tally {
  readonly restored: Job[]
  readonly alreadyThere: string[]
  readonly problems: Problem[]
}

/** Jobs of a backup into a server, or into a data folder that no server uses. Those that are there already are left as they are. */
export async function restore(
  context: Context,
  dir: string,
  ids: readonly string[],
  flags: RestoreFlags,
): Promise<void> {
  const folder = resolve(context.folder, dir)
  const manifest = await readManifest(folder)
  if (manifest === undefined) throw badInput(`${folder} is no backup: it has no ${MANIFEST}.`)
  const chosen = choose(manifest, ids, dir)
  const tally =
    flags.data === undefined
      ? await restoreEach(context, folder, chosen)
      : await restoreIntoFolder(context, resolve(context.folder, flags.data), folder, chosen)
  tell(context, dir, chosen.length, tally)
  if (flags.data !== undefined && !context.json)
    context.terminal.note(`Start it with: npx plotline serve --data ${flags.data}`)
  throwAll(tally.problems)
}

function choose({ jobs }: Manifest, ids: readonly string[], dir: string): readonly SavedJob[] {
  const unknown = ids.filter((id) => !jobs.some((entry) => entry.id === id))
  if (unknown.length > 0)
    throw badInput(...unknown.map((id) => `The backup in ${dir} holds no job "${id}".`))
  return ids.length === 0 ? jobs : jobs.filter(({ id }) => ids.includes(id))
}

/** Through a server of its own, which ends with it: also when a person breaks it off. */
async function restoreIntoFolder(
  context: Context,
  dataFolder: string,
  folder: string,
  chosen: readonly SavedJob[],
): Promise<Tally> {
  const interrupted = new AbortController()
  const forget = context.terminal.onInterrupt(() => interrupted.abort())
  try {
    const own = await startServer(dataFolder, context.environment, interrupted.signal)
    try {
      return await restoreEach({ ...context, server: own.server }, folder, chosen)
    } finally {
      await own.stop()
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error
    throw new Problem(EXIT_CANCELLED, [
      'Broken off. What was restored so far stays; the same command restores the rest.',
    ])
  } finally {
    forget()
  }
}

async function restoreEach(
  context: Context,
  folder: string,
  chosen: readonly SavedJob[],
): Promise<Tally> {
  const tally: Tally = { restored: [], alreadyThere: [], problems: [] }
  for (const [at, entry] of chosen.entries()) {
    const place = `[${at + 1}/${chosen.length}] ${entry.id} ${cutText(plainLine(entry.name), MAX_NAME_WIDTH)}`
    context.terminal.progress(place)
    try {
      if (await isThere(context, entry.id)) {
        tally.alreadyThere.push(entry.id)
        continue
      }
      tally.restored.push(await restoreJob(context, folder, entry, place))
      context.terminal.note(`${place} ${bytesText(entry.sizeBytes)}`)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      await context.server.info()
      tally.problems.push(error)
    }
  }
  return tally
}

async function isThere({ server }: Context, id: string): Promise<boolean> {
  try {
    await server.getJob(id)
    return true
  } catch (error) {
    if (error instanceof Problem && error.code === 'JOB_NOT_FOUND') return false
    throw error
  }
}

/** What is not as it was when it was saved is not sent at all. */
async function restoreJob(
  context: Context,
  folder: string,
  { file, sizeBytes, sha256 }: SavedJob,
  place: string,
): Promise<Job> {
  const path = join(folder, file)
  const found = await hashFile(path).catch((error: unknown) => {
    throw failed(`${path} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`)
  })
  if (found.sizeBytes !== sizeBytes || found.sha256 !== sha256)
    throw failed(
      `${path} is damaged: it is not the file that was saved (${found.sizeBytes} of ${sizeBytes} bytes). It was not restored.`,
    )
  return sendArchive(context, await openSource(path), place)
}

function tell(
  context: Context,
  dir: string,
  count: number,
  { restored, alreadyThere, problems }: Tally,
): void {
  if (context.json)
    return printJson(context, {
      dir,
      restored: restored.map(({ id }) => id),
      alreadyThere,
      failed: problems.flatMap(({ lines }) => lines),
    })
  const parts = [
    ...(alreadyThere.length > 0
      ? [`${alreadyThere.length} ${alreadyThere.length === 1 ? 'is' : 'are'} already there`]
      : []),
    ...(problems.length > 0 ? [`${problems.length} failed`] : []),
  ]
  const rest = parts.length > 0 ? `: ${parts.join(', ')}` : ''
  context.terminal.print(
    `Restored ${restored.length} of ${count} ${count === 1 ? 'job' : 'jobs'} from ${dir}${rest}.`,
  )
}
