import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { callsTo, type Caller } from '../../thread-call.ts'
import {
  embeddedStore,
  type EmbeddedStore,
  type RemoteReader,
  type RemoteWriter,
} from './embedded-store.ts'
import type { StoreWriterOptions } from './store-writer.ts'

/** Opens, or makes, the metrics of a data folder: one thread that writes, one that reads. One process a folder. */
export async function openEmbeddedStore(options: StoreWriterOptions): Promise<EmbeddedStore> {
  const storeThread = new Worker(new URL('./store.worker.js', import.meta.url), {
    workerData: options,
  })
  const writer = callsTo<RemoteWriter>(storeThread)
  await orFailure(storeThread, writer.call('lastSeq', [])) // its folder and files are made by then
  const queryThread = new Worker(new URL('./query.worker.js', import.meta.url), {
    workerData: options,
  })
  const reader = callsTo<RemoteReader>(queryThread)
  await orFailure(queryThread, reader.call('damage', []))
  return embeddedStore(remoteWriter(writer, storeThread), remoteReader(reader, queryThread))
}

/** A thread that cannot open its files says why by an `error` event; later ones are bugs, which end the process. */
async function orFailure<T>(thread: Worker, answer: Promise<T>): Promise<T> {
  const opened = new AbortController()
  const failure = once(thread, 'error', opened).then(([error]) => {
    throw error instanceof Error ? error : new Error(String(error))
  })
  return Promise.race([answer, failure]).finally(() => opened.abort())
}

function remoteWriter({ call }: Caller<RemoteWriter>, thread: Worker): RemoteWriter {
  return {
    lastSeq: () => call('lastSeq', []),
    append: (batch) => call('append', [batch]),
    bytesOf: (jobId) => call('bytesOf', [jobId]),
    deleteJob: (jobId) => call('deleteJob', [jobId]),
    damage: () => call('damage', []),
    seal: () => call('seal', []),
    appendFrom: (port) => void call('appendFrom', [port], [port]),
    async close() {
      await call('close', [])
      await thread.terminate()
    },
  }
}

function remoteReader({ call }: Caller<RemoteReader>, thread: Worker): RemoteReader {
  return {
    readOne: (...args) => call('readOne', args),
    readPiece: (...args) => call('readPiece', args),
    summarize: (...args) => call('summarize', args),
    forget: (jobId) => call('forget', [jobId]),
    damage: () => call('damage', []),
    async close() {
      await call('close', [])
      await thread.terminate()
    },
  }
}
