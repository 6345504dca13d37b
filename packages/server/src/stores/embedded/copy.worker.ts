import { parentPort, workerData } from 'node:worker_threads'
import { serveCalls } from '../../thread-call.ts'
import { copyJobFile, type CopyCalls } from './job-file-copy.ts'

if (parentPort) serveCalls<CopyCalls>(parentPort, { copy: async () => copyJobFile(workerData) })
