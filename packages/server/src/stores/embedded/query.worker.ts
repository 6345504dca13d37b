import { parentPort, workerData } from 'node:worker_threads'
import { serveStoreReader } from './serve-store-reader.ts'

if (parentPort) serveStoreReader(parentPort, workerData)
