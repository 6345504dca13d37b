import { parentPort, workerData } from 'node:worker_threads'
import { serveStoreWriter } from './serve-store-writer.ts'

if (parentPort) serveStoreWriter(parentPort, workerData)
