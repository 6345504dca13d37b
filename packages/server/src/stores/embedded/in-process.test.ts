import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { metricStoreContract } from '../../metrics/metric-store.contract.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { openInProcess } from './open-in-process.ts'

metricStoreContract('the embedded store', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'plotline-store-'))
  let opened: EmbeddedStore
  return {
    open: async () => (opened = openInProcess({ dataDir, ballastBytes: 0 })),
    settle: async () => opened.seal(),
    remove: async () => rmSync(dataDir, { recursive: true }),
  }
})
