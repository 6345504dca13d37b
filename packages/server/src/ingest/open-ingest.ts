import { Worker, type MessagePort } from 'node:worker_threads'
import type { Ingest, JobChange } from '../metrics/ingest.ts'
import { callsTo } from '../thread-call.ts'
import type { UnixMs } from '../units.ts'

export interface IngestOptions {
  readonly host: string
  /** 0 is any. */
  readonly port: number
  /** The other end takes calls of `append` and `room`: see MetricStore.appendFrom. Given away. */
  readonly store: MessagePort
  /** Time of the newest tick that the store ever had: MetricStore.lastSeq. */
  readonly floorMs: UnixMs
  readonly receiveBufferBytes?: number
}

/** What the thread begins with. */
export type ReceiverData = IngestOptions

/** What the thread answers beside what {@link Ingest} has; changes come as messages of their own. */
export type ReceiverCalls = Omit<Ingest, 'statsd' | 'onChange'> & {
  statsd(): Promise<Ingest['statsd']>
}
export interface ChangeMessage {
  readonly change: JobChange
}

/** Starts the thread that receives samples; rejects where it cannot listen. */
export async function openIngest(options: IngestOptions): Promise<Ingest> {
  const worker = new Worker(new URL('./receiver.worker.js', import.meta.url), {
    workerData: options satisfies ReceiverData,
    transferList: [options.store],
  })
  const thread = callsTo<ReceiverCalls>(worker)
  const statsd = await thread.call('statsd', []).catch(async (error: unknown) => {
    await worker.terminate()
    throw error
  })
  return {
    statsd,
    open: (job) => thread.call('open', [job]),
    declare: (jobId, names) => thread.call('declare', [jobId, names]),
    end: (jobId, at) => thread.call('end', [jobId, at]),
    forget: (jobId) => thread.call('forget', [jobId]),
    remember: (ended) => thread.call('remember', [ended]),
    accept: (jobId, lines) => thread.call('accept', [jobId, lines]),
    pending: (jobId) => thread.call('pending', [jobId]),
    settle: () => thread.call('settle', []),
    status: (jobId) => thread.call('status', [jobId]),
    account: () => thread.call('account', []),
    watch: (jobId, isWatched) => thread.call('watch', [jobId, isWatched]),
    onChange: (listener) => {
      worker.on('message', ({ change }: Partial<ChangeMessage>) => {
        if (change !== undefined) listener(change)
      })
    },
    async close() {
      await thread.call('close', [])
      await worker.terminate()
    },
  }
}
