import { Worker } from 'node:worker_threads'
import { callsTo, type Caller } from '../../thread-call.ts'
import {
  embeddedStore,
  type EmbeddedStore,
  type FileWork,
  type RemoteReader,
  type RemoteWriter,
} from './embedded-store.ts'
import type { FaultCalls } from './faulty-jobs.ts'
import type { CopyCalls } from './job-file-copy.ts'
import type { StoreWriterOptions } from './store-writer.ts'

/** A server that is being restarted has better things to do. */
const CHECK_AFTER_MS = 10 * 60_000
const CHECK_EVERY_MS = 24 * 3_600_000

/** Opens, or makes, the metrics of a data folder: one thread that writes, one that reads. One process a folder. */
export async function openEmbeddedStore(options: StoreWriterOptions): Promise<EmbeddedStore> {
  // Threads run what was compiled, whatever condition the process was started with to run the source.
  const settings = { workerData: options, execArgv: [] }
  const storeThread = new Worker(new URL('./store.worker.js', import.meta.url), settings)
  const writer = callsTo<RemoteWriter>(storeThread)
  try {
    await orFailure(storeThread, writer.call('lastSeq', []))
  } catch (error) {
    await storeThread.terminate()
    throw error
  }
  const startReader = (): Worker =>
    new Worker(new URL('./query.worker.js', import.meta.url), settings)
  const store = embeddedStore(
    options.dataDir,
    remoteWriter(writer, storeThread),
    remoteReader(startReader),
    FILE_WORK,
  )
  return checkedFromTimeToTime(store)
}

/** Threads of their own: a large file takes seconds, in which commits and queries go on. */
const FILE_WORK: FileWork = {
  copy: (order) =>
    inThread('./copy.worker.js', order, (thread) => callsTo<CopyCalls>(thread).call('copy', [])),
  findFaults: (dataDir) =>
    inThread('./faults.worker.js', dataDir, (thread) =>
      callsTo<FaultCalls>(thread).call('faultyJobs', []),
    ),
}

async function inThread<T>(
  file: string,
  workerData: unknown,
  work: (thread: Worker) => Promise<T>,
): Promise<T> {
  const thread = new Worker(new URL(file, import.meta.url), { workerData, execArgv: [] })
  try {
    return await work(thread)
  } finally {
    await thread.terminate()
  }
}

/** Damage that no query meets shows too, while there may still be a copy of the file elsewhere. */
function checkedFromTimeToTime(store: EmbeddedStore): EmbeddedStore {
  const check = (): void => {
    // What failed is tried again, and tells those who need the file.
    store.check().catch(() => undefined)
  }
  const first = setTimeout(check, CHECK_AFTER_MS).unref()
  const others = setInterval(check, CHECK_EVERY_MS).unref()
  return {
    ...store,
    close() {
      clearTimeout(first)
      clearInterval(others)
      return store.close()
    },
  }
}

/** A thread that cannot open its files says why by an `error` event; later ones are bugs, which end the process. */
async function orFailure<T>(thread: Worker, answer: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (): void => void thread.off('error', reject)
    thread.once('error', reject)
    answer.finally(settle).then(resolve, reject)
  })
}

function remoteWriter(writer: Caller<RemoteWriter>, thread: Worker): RemoteWriter {
  return {
    lastSeq: () => writer.call('lastSeq', []),
    append: (batch) => writer.call('append', [batch]),
    bytesOf: (jobId) => writer.call('bytesOf', [jobId]),
    voidJob: (jobId) => writer.call('voidJob', [jobId]),
    deleteJob: (jobId) => writer.call('deleteJob', [jobId]),
    replaceFile: (jobId, path) => writer.call('replaceFile', [jobId, path]),
    sealJob: (jobId) => writer.call('sealJob', [jobId]),
    room: () => writer.call('room', []),
    makeRoom: () => writer.call('makeRoom', []),
    damage: () => writer.call('damage', []),
    mend: (file) => writer.call('mend', [file]),
    seal: () => writer.call('seal', []),
    appendFrom: (port) => void writer.call('appendFrom', [port], [port]),
    async close() {
      await writer.call('close', [])
      await thread.terminate()
    },
  }
}

/** The thread that reads starts with the first question: an idle server has no use for its 12 MB. */
function remoteReader(startThread: () => Worker): RemoteReader {
  let started: { readonly thread: Worker; readonly reader: Caller<RemoteReader> } | undefined
  const reader = (): Caller<RemoteReader> => {
    if (started === undefined) {
      const thread = startThread()
      started = { thread, reader: callsTo<RemoteReader>(thread) }
    }
    return started.reader
  }
  return {
    readOne: (...args) => reader().call('readOne', args),
    readPiece: (...args) => reader().call('readPiece', args),
    summarize: (...args) => reader().call('summarize', args),
    forget: async (jobId) => started?.reader.call('forget', [jobId]),
    damage: async () => (await started?.reader.call('damage', [])) ?? [],
    async close() {
      await started?.reader.call('close', [])
      await started?.thread.terminate()
    },
  }
}
