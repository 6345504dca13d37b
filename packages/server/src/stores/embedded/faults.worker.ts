import { parentPort, workerData } from 'node:worker_threads'
import { serveCalls } from '../../thread-call.ts'
import { faultyJobs, type FaultCalls } from './faulty-jobs.ts'

if (parentPort)
  serveCalls<FaultCalls>(parentPort, { faultyJobs: async () => faultyJobs(workerData) })
