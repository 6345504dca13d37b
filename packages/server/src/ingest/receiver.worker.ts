import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import type { MetricStore } from '../metrics/metric-store.ts'
import { callsTo, serveCalls } from '../thread-call.ts'
import type { ChangeMessage, ReceiverCalls, ReceiverData } from './open-ingest.ts'
import { openReceiver } from './receiver.ts'

/** Connects the receiver to the port of its thread; its substance is receiver.ts. */
const { store, ...options }: ReceiverData = workerData
const metricStore = callsTo<Pick<MetricStore, 'append' | 'room'>>(store)
const opening = openReceiver({
  ...options,
  append: (batch) => metricStore.call('append', [batch]),
  room: () => metricStore.call('room', []),
  clock: { wall: Date.now, monotonic: () => performance.now() },
})
if (parentPort === null) throw new Error('This file is the body of a thread.')
const port = parentPort
serveCalls<ReceiverCalls>(port, {
  statsd: async () => (await opening).statsd,
  open: async (job) => (await opening).open(job),
  declare: async (jobId, names) => (await opening).declare(jobId, names),
  end: async (jobId, at) => (await opening).end(jobId, at),
  forget: async (jobId) => (await opening).forget(jobId),
  remember: async (ended) => (await opening).remember(ended),
  accept: async (jobId, lines) => (await opening).accept(jobId, lines),
  pending: async (jobId) => (await opening).pending(jobId),
  settle: async () => (await opening).settle(),
  status: async (jobId) => (await opening).status(jobId),
  account: async () => (await opening).account(),
  watch: async (jobId, isWatched) => (await opening).watch(jobId, isWatched),
  close: async () => (await opening).close(),
})
opening.then(
  (receiver) => receiver.onChange((change) => port.postMessage({ change } satisfies ChangeMessage)),
  () => undefined, // the caller of `statsd` is told
)
