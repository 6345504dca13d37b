import type { Room } from '../../metrics/metric-store.ts'
import { serveCalls } from '../../thread-call.ts'
import { embeddedStore, type EmbeddedStore } from './embedded-store.ts'
import { faultyJobs } from './faulty-jobs.ts'
import { copyJobFile } from './job-file-copy.ts'
import { StoreReader } from './store-reader.ts'
import { StoreWriter, type StoreWriterOptions } from './store-writer.ts'

/** The embedded store on the thread that calls: for tests and tools. It seals when told to, and when closed. */
export function openInProcess(options: StoreWriterOptions): EmbeddedStore {
  const writer = new StoreWriter(options)
  const reader = new StoreReader(options)
  const append = async (...args: Parameters<StoreWriter['append']>): Promise<void> =>
    writer.append(...args)
  const room = async (): Promise<Room> => writer.room()
  return embeddedStore(
    options.dataDir,
    {
      append,
      lastSeq: async () => writer.lastSeq(),
      bytesOf: async (jobId) => writer.bytesOf(jobId),
      voidJob: async (jobId) => writer.voidJob(jobId),
      deleteJob: async (jobId) => writer.deleteJob(jobId),
      replaceFile: async (...args) => writer.replaceFile(...args),
      sealJob: (jobId) => writer.sealJob(jobId),
      room,
      makeRoom: async () => writer.makeRoom(),
      damage: async () => writer.damage(),
      mend: async (file) => writer.mend(file),
      seal: () => writer.seal(),
      appendFrom: (port) => serveCalls(port, { append, room }),
      close: () => writer.close(),
    },
    {
      readOne: async (...args) => reader.readOne(...args),
      readPiece: async (...args) => reader.readPiece(...args),
      summarize: async (...args) => reader.summarize(...args),
      forget: async (jobId) => reader.forget(jobId),
      damage: async () => reader.damage(),
      close: async () => reader.close(),
    },
    {
      copy: async (order) => copyJobFile(order),
      findFaults: async () => faultyJobs(options.dataDir),
    },
  )
}
