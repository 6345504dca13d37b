import type { MetricName } from '@plotline/wire'
import type { MessagePort } from 'node:worker_threads'
import type { BucketBatch } from '../../metrics/bucket-batch.ts'
import type { MetricStore, Series, SeriesQuery } from '../../metrics/metric-store.ts'
import type { Damage } from './job-file.ts'
import type { JobFileCopy } from './job-file-copy.ts'
import type { PieceStart } from './series-piece.ts'
import type { StoreReader } from './store-reader.ts'
import { incomingPath, jobPath } from './store-folder.ts'
import type { StoreWriter } from './store-writer.ts'

/** A metric store in one folder of SQLite files. */
export interface EmbeddedStore extends MetricStore {
  /** Moves committed ticks into the jobs' files now; it happens by itself about once a minute. */
  seal(): Promise<void>
  /** What could not be read since the store was opened. The rest is served. */
  damage(): Promise<readonly Damage[]>
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
    'lastSeq' | 'append' | 'bytesOf' | 'voidJob' | 'deleteJob' | 'replaceFile' | 'damage'
  >
> & {
  seal(): Promise<void>
  appendFrom(port: MessagePort): void
  close(): Promise<void>
}
export type RemoteReader = Remote<
  Pick<StoreReader, 'readOne' | 'readPiece' | 'summarize' | 'forget' | 'damage' | 'close'>
>

/** The port of metrics, over the writer and the reader of one data folder, and who copies its files. */
export function embeddedStore(
  dataDir: string,
  writer: RemoteWriter,
  reader: RemoteReader,
  copy: (order: JobFileCopy) => Promise<void>,
): EmbeddedStore {
  return {
    lastSeq: () => writer.lastSeq(),
    append: (batch) => writer.append(batch),
    appendFrom: (port) => writer.appendFrom(port),
    read: (query, pending, signal) => readEach(reader, query, pending, signal),
    readAll: (query, pending) => pieces(reader, query, pending),
    summarize: (jobId, pending) => reader.summarize(jobId, pending),
    bytesOf: (jobId) => writer.bytesOf(jobId),
    async deleteJob(jobId) {
      await writer.voidJob(jobId)
      await reader.forget(jobId) // a question may be under way, below which no file should be emptied
      return writer.deleteJob(jobId)
    },
    async copyJob(jobId, path) {
      await writer.seal()
      if ((await writer.bytesOf(jobId)) === 0) return false
      await copy({ from: jobPath(dataDir, jobId), to: path, isForeign: false })
      return true
    },
    async adoptJob(jobId, path) {
      const aside = incomingPath(dataDir, jobId)
      await copy({ from: path, to: aside, isForeign: true })
      await writer.replaceFile(jobId, aside)
      await reader.forget(jobId)
    },
    seal: () => writer.seal(),
    damage: async () => [...(await writer.damage()), ...(await reader.damage())],
    async close() {
      await reader.close()
      await writer.close()
    },
  }
}

/** One series at a time, so that a query that nobody waits for any more ends soon. */
async function readEach(
  reader: RemoteReader,
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
  reader: RemoteReader,
  { jobId, names, from, to }: Parameters<MetricStore['readAll']>[0],
  pending: readonly BucketBatch[],
): AsyncGenerator<Series> {
  for (const name of names) yield* piecesOf(reader, jobId, name, { from, to, skip: 0 }, pending)
}

async function* piecesOf(
  reader: RemoteReader,
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
