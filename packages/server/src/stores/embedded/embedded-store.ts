import type { MetricName } from '@plotline/wire'
import type { MessagePort } from 'node:worker_threads'
import type { BucketBatch } from '../../metrics/bucket-batch.ts'
import type { MetricStore, Series, SeriesQuery } from '../../metrics/metric-store.ts'
import { damagedFileOf } from './damaged-file.ts'
import { HOT } from './hot-rows.ts'
import type { JobFileCopy } from './job-file-copy.ts'
import type { PieceStart } from './series-piece.ts'
import type { StoreReader } from './store-reader.ts'
import { incomingPath, jobPath } from './store-folder.ts'
import type { StoreWriter } from './store-writer.ts'

/** A metric store in one folder of SQLite files. */
export interface EmbeddedStore extends MetricStore {
  /** Moves committed ticks into the jobs' files now; it happens by itself about once a minute. */
  seal(): Promise<void>
  /** Looks at every page of every file, and goes on with what can be read of the damaged ones. Takes as long as reading them. */
  check(): Promise<void>
}

/** The methods of `T`, called on whatever thread it lives in. */
type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never
}
export type RemoteWriter = Remote<
  Pick<
    StoreWriter,
    | 'lastSeq'
    | 'append'
    | 'bytesOf'
    | 'voidJob'
    | 'deleteJob'
    | 'replaceFile'
    | 'sealJob'
    | 'room'
    | 'makeRoom'
    | 'damage'
    | 'mend'
  >
> & {
  seal(): Promise<void>
  appendFrom(port: MessagePort): void
  close(): Promise<void>
}
export type RemoteReader = Remote<
  Pick<StoreReader, 'readOne' | 'readPiece' | 'summarize' | 'forget' | 'damage' | 'close'>
>

type Reads = Pick<RemoteReader, 'readOne' | 'readPiece' | 'summarize'>

/** What takes as long as reading whole files, so that neither the writer nor the reader does it. */
export interface FileWork {
  copy(order: JobFileCopy): Promise<void>
  /** The ids of jobs whose files are damaged. */
  findFaults(dataDir: string): Promise<readonly string[]>
}

/** The port of metrics, over the writer and the reader of one data folder, and who copies its files. */
export function embeddedStore(
  dataDir: string,
  writer: RemoteWriter,
  reader: RemoteReader,
  files: FileWork,
): EmbeddedStore {
  const mended = <T>(read: () => Promise<T>): Promise<T> =>
    read().catch(async (error: unknown) => {
      const file = damagedFileOf(error)
      if (file === undefined) throw error
      await writer.mend(file)
      return read()
    })
  const reads: Reads = {
    readOne: (...args) => mended(() => reader.readOne(...args)),
    readPiece: (...args) => mended(() => reader.readPiece(...args)),
    summarize: (...args) => mended(() => reader.summarize(...args)),
  }
  return {
    lastSeq: () => writer.lastSeq(),
    append: (batch) => writer.append(batch),
    appendFrom: (port) => writer.appendFrom(port),
    read: (query, pending, signal) => readEach(reads, query, pending, signal),
    readAll: (query, pending) => pieces(reads, query, pending),
    summarize: (jobId, pending) => reads.summarize(jobId, pending),
    bytesOf: (jobId) => writer.bytesOf(jobId),
    async deleteJob(jobId) {
      await writer.voidJob(jobId)
      await reader.forget(jobId) // a question may be under way, below which no file should be emptied
      return writer.deleteJob(jobId)
    },
    async copyJob(jobId, path) {
      await writer.sealJob(jobId)
      if ((await writer.bytesOf(jobId)) === 0) return false
      await files.copy({ from: jobPath(dataDir, jobId), to: path, isForeign: false })
      return true
    },
    async adoptJob(jobId, path) {
      const aside = incomingPath(dataDir, jobId)
      await files.copy({ from: path, to: aside, isForeign: true })
      await writer.replaceFile(jobId, aside)
      await reader.forget(jobId)
    },
    seal: () => writer.seal(),
    room: () => writer.room(),
    makeRoom: () => writer.makeRoom(),
    damage: async () => [...(await writer.damage()), ...(await reader.damage())],
    async check() {
      await writer.mend(HOT)
      for (const job of await files.findFaults(dataDir)) await writer.mend(job)
    },
    async close() {
      await reader.close()
      await writer.close()
    },
  }
}

/** One series at a time, so that a query that nobody waits for any more ends soon. */
async function readEach(
  reader: Reads,
  query: SeriesQuery,
  pending: readonly BucketBatch[],
  signal: AbortSignal | undefined,
): Promise<readonly Series[]> {
  const all: Series[] = []
  for (const name of query.names) {
    signal?.throwIfAborted()
    const series = await reader.readOne({ ...query, names: [] }, name, pending)
    if (series) all.push(series)
  }
  signal?.throwIfAborted()
  return all
}

async function* pieces(
  reader: Reads,
  { jobId, names, from, to }: Parameters<MetricStore['readAll']>[0],
  pending: readonly BucketBatch[],
): AsyncGenerator<Series> {
  for (const name of names) yield* piecesOf(reader, jobId, name, { from, to, skip: 0 }, pending)
}

async function* piecesOf(
  reader: Reads,
  jobId: SeriesQuery['jobId'],
  name: MetricName,
  start: PieceStart,
  pending: readonly BucketBatch[],
): AsyncGenerator<Series> {
  for (let at: PieceStart | undefined = start; at && at.from < at.to;) {
    const piece: Awaited<ReturnType<RemoteReader['readPiece']>> = await reader.readPiece(
      jobId,
      name,
      at,
      pending,
    )
    if (piece.series) yield piece.series
    at = piece.next
  }
}
