import type { MessagePort } from 'node:worker_threads'
import { serveCalls } from '../../thread-call.ts'
import { StoreReader, type StoreReaderOptions } from './store-reader.ts'

/** What the query thread does: answers calls on `port`. */
export function serveStoreReader(port: MessagePort, options: StoreReaderOptions): void {
  const reader = new StoreReader(options)
  serveCalls(port, {
    readOne: (...args: Parameters<StoreReader['readOne']>) => reader.readOne(...args),
    readPiece: (...args: Parameters<StoreReader['readPiece']>) => reader.readPiece(...args),
    summarize: (...args: Parameters<StoreReader['summarize']>) => reader.summarize(...args),
    forget: (...args: Parameters<StoreReader['forget']>) => reader.forget(...args),
    damage: () => reader.damage(),
    close: () => reader.close(),
  })
}
