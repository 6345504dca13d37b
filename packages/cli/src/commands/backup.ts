import type { Job } from '@plotline/api'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { openBackupFolder } from '../backup/backup-folder.ts'
import { isUnchanged, writeManifest, type SavedJob } from '../backup/manifest.ts'
import { OWNER_ONLY } from '../config.ts'
import { printJson, type Context } from '../context.ts'
import { writeWhole } from '../files/write-whole.ts'
import { throwAll } from '../for-each.ts'
import { bytesText } from '@plotline/api/names'
import { cutText, plainLine } from '../format/width.ts'
import { failed, Problem } from '../problem.ts'
import { byteProgress } from '../progress.ts'
import { readPages } from './list-jobs.ts'

export interface BackupFlags {
  readonly full?: boolean
}

const MAX_NAME_WIDTH = 40
/** Up to so many jobs the manifest is written after each; with more of them at most once in {@link SAVE_EACH_MS}: it has a line for every one. */
const MAX_JOBS_SAVED_EACH = 1000
const SAVE_EACH_MS = 1000
/** After these the disk of the backup takes no other job either. */
const HOPELESS = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO'])

/** The job was deleted since the list was read, or is just being deleted. */
const GONE = new Set(['JOB_NOT_FOUND', 'JOB_BEING_DELETED'])

/** What became of the jobs. */
interface Tally {
  readonly fetched: SavedJob[]
  readonly unchanged: string[]
  /** Deleted on the server while the backup ran. */
  readonly vanished: string[]
  readonly problems: Problem[]
}

/** Every job of the server as an archive of its own, in a folder that is usable at any time, however this ends. */
export async function backUp(context: Context, dir: string, flags: BackupFlags): Promise<void> {
  const folder = resolve(context.folder, dir)
  const { version } = await context.server.info()
  const backup = await openBackupFolder(folder)
  try {
    const header = {
      version: 1 as const,
      plotline: version,
      url: context.server.address.url,
      startedAt: context.now(),
    }
    const saved = new Map((backup.earlier?.jobs ?? []).map((entry) => [entry.id, entry]))
    const save = (finishedAt: number | null): Promise<void> =>
      writeManifest(folder, { ...header, finishedAt, jobs: [...saved.values()] })
    await save(null)
    const { jobs } = await readPages(context, { all: true, limit: Infinity, sort: 'created' })
    const tally = await backUpEach(context, folder, jobs, saved, flags, () => save(null))
    await save(context.now())

    const here = new Set(jobs.map(({ id }) => id))
    const gone = [...saved.keys()].filter((id) => !here.has(id))
    tell(context, dir, jobs.length, tally, gone)
    throwAll(tally.problems)
  } finally {
    await backup.release()
  }
}

async function backUpEach(
  context: Context,
  folder: string,
  jobs: readonly Job[],
  saved: Map<string, SavedJob>,
  { full = false }: BackupFlags,
  save: () => Promise<void>,
): Promise<Tally> {
  const tally: Tally = { fetched: [], unchanged: [], vanished: [], problems: [] }
  let savedAt = -Infinity
  for (const [at, job] of jobs.entries()) {
    const place = `[${at + 1}/${jobs.length}] ${job.id} ${cutText(plainLine(job.name), MAX_NAME_WIDTH)}`
    context.terminal.progress(place)
    if (!full && (await isSaved(folder, job, saved.get(job.id)))) {
      tally.unchanged.push(job.id)
      continue
    }
    try {
      const entry = await fetchJob(context, folder, job.id, place)
      saved.set(job.id, entry)
      tally.fetched.push(entry)
      context.terminal.note(`${place} ${bytesText(entry.sizeBytes)}`)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      if (error.code !== undefined && GONE.has(error.code)) tally.vanished.push(job.id)
      else tally.problems.push(await survivable(context, error))
      continue
    }
    if (saved.size > MAX_JOBS_SAVED_EACH && context.now() - savedAt < SAVE_EACH_MS) continue
    await save()
    savedAt = context.now()
  }
  return tally
}

async function isSaved(folder: string, job: Job, earlier: SavedJob | undefined): Promise<boolean> {
  if (earlier === undefined || !isUnchanged(earlier, job)) return false
  return (await sizeOf(join(folder, earlier.file))) === earlier.sizeBytes
}

/** The job is read before its archive: what changes between the two is fetched anew next time. */
async function fetchJob(
  context: Context,
  folder: string,
  id: string,
  place: string,
): Promise<SavedJob> {
  if (!/^j[a-z0-9]{12}$/.test(id)) throw failed(`"${plainLine(id)}" is not the id of a job.`)
  const job = await context.server.getJob(id)
  const file = `${id}.tar`
  const written = await writeWhole(await context.server.exportJob(id, true), join(folder, file), {
    mode: OWNER_ONLY,
    onBytes: byteProgress(context, place),
  })
  const { name, state } = job
  return { id, name, state, file, ...written, savedAt: context.now(), job }
}

const sizeOf = (file: string): Promise<number | undefined> =>
  stat(file).then(
    ({ size }) => size,
    () => undefined,
  )

/** Throws what would fail for every other job too. */
async function survivable({ server }: Context, problem: Problem): Promise<Problem> {
  if (problem.code !== undefined && HOPELESS.has(problem.code)) throw problem
  await server.info()
  return problem
}

function tell(
  context: Context,
  dir: string,
  count: number,
  { fetched, unchanged, vanished, problems }: Tally,
  gone: readonly string[],
): void {
  const sizeBytes = fetched.reduce((sum, entry) => sum + entry.sizeBytes, 0)
  if (context.json)
    return printJson(context, {
      dir,
      fetched: fetched.map(({ job: _job, ...entry }) => entry),
      unchanged,
      vanished,
      gone,
      failed: problems.flatMap(({ lines }) => lines),
      sizeBytes,
    })
  const { terminal } = context
  if (vanished.length > 0)
    terminal.note(`Deleted while the backup ran, and not in it: ${vanished.join(', ')}`)
  if (gone.length === 1)
    terminal.note('1 job of an earlier backup is no longer on the server; its archive stays.')
  if (gone.length > 1)
    terminal.note(
      `${gone.length} jobs of an earlier backup are no longer on the server; their archives stay.`,
    )
  const parts = [
    `${fetched.length} fetched (${bytesText(sizeBytes)})`,
    `${unchanged.length} unchanged`,
    ...(problems.length > 0 ? [`${problems.length} failed`] : []),
  ]
  terminal.print(
    `Backed up ${count} ${count === 1 ? 'job' : 'jobs'} to ${dir}: ${parts.join(', ')}.`,
  )
}
