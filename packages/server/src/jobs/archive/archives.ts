import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { jobExists, jobNotFound } from '../../errors.ts'
import { removeFolder } from '../../remove-folder.ts'
import { unixMs, type JobId, type UnixMs } from '../../units.ts'
import type { Executor } from '../executor.ts'
import type { Job } from '../job.ts'
import type { JobMetricsGate } from '../job-metrics-gate.ts'
import type { JobStore } from '../job-store.ts'
import { archivedJob, jobOfArchive } from './archived-job.ts'
import type { KeptFile } from './kept-file.ts'
import { FILES_ENTRY, JOB_ENTRY, METRICS_ENTRY } from './manifest.ts'
import { packEntries, textEntry } from './pack-job.ts'
import { unpackJob } from './unpack-job.ts'

/** Whole jobs as files (docs/format/archive.md). */
export interface Archives {
  /** The job as it is now, to be read at the reader's pace. */
  pack(job: Job, withSecrets: boolean): Promise<Readable>
  /**
   * Takes a job in: all of it, or nothing and the reason. `erase` removes what a failure left. JOB_EXISTS, BAD_ARCHIVE,
   * STORAGE_FULL.
   */
  unpack(source: AsyncIterable<Uint8Array>, erase: (id: JobId) => Promise<unknown>): Promise<Job>
}

export interface ArchivesNeeds {
  readonly store: JobStore
  readonly executor: Executor
  readonly metrics: JobMetricsGate
  readonly clock: () => UnixMs
  /** Of its own, on the disk of the data. */
  readonly scratchDir: string
}

export function openArchives({
  store,
  executor,
  metrics,
  clock,
  scratchDir,
}: ArchivesNeeds): Archives {
  return {
    async pack(job, withSecrets) {
      const folder = await newScratch()
      try {
        // After the job was read: what it was then is in the copy, whatever came since.
        const copy = join(folder, METRICS_ENTRY)
        const hasMetrics = await metrics.copy(job.id, copy)
        const entries = entriesOf(job, withSecrets, hasMetrics ? copy : undefined)
        return packEntries(entries, () => removeFolder(folder))
      } catch (error) {
        await removeFolder(folder)
        throw error
      }
    },
    async unpack(source, erase) {
      const folder = await newScratch()
      try {
        const unpacked = await unpackJob(source, folder)
        const job = jobOfArchive(unpacked.job)
        if ((await store.createBuried(() => job)) === undefined) throw jobExists(job.id)
        try {
          if (unpacked.hasFiles) await executor.takeFiles(job.id, join(folder, FILES_ENTRY))
          if (unpacked.hasMetrics) await metrics.adopt(job.id, join(folder, METRICS_ENTRY))
          await store.unbury(job.id)
          return job
        } catch (error) {
          await erase(job.id)
          throw error
        }
      } finally {
        await removeFolder(folder)
      }
    },
  }

  async function newScratch(): Promise<string> {
    const folder = join(scratchDir, randomUUID())
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return folder
  }

  async function* entriesOf(
    job: Job,
    withSecrets: boolean,
    metricsFile: string | undefined,
  ): AsyncIterable<KeptFile> {
    yield textEntry(JOB_ENTRY, archivedJob(job, clock(), withSecrets))
    if (metricsFile !== undefined) yield await fileEntry(METRICS_ENTRY, metricsFile)
    for await (const file of executor.files(job.id))
      yield { ...file, path: `${FILES_ENTRY}/${file.path}` }
    // One that was deleted meanwhile lost part of its files: its archive must not look whole.
    if ((await store.get(job.id)) === undefined) throw jobNotFound(job.id)
  }
}

async function fileEntry(path: string, source: string): Promise<KeptFile> {
  const { size } = await stat(source)
  const read = (): AsyncIterable<Uint8Array> => createReadStream(source)
  return {
    path,
    type: 'file',
    mode: 0o600,
    modifiedAt: unixMs(0),
    sizeBytes: size,
    target: '',
    read,
  }
}
