import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { metricStoreContract, type MetricStorePlace } from '../../metrics/metric-store.contract.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { openInProcess } from './open-in-process.ts'

metricStoreContract('the embedded store', async () => place())
metricStoreContract('the embedded store that seals ticks and jobs one by one', async () =>
  place({ sealHeldBytes: 1 }),
)

function place(options = {}): MetricStorePlace {
  const dataDir = mkdtempSync(join(tmpdir(), 'plotline-store-'))
  let opened: EmbeddedStore
  return {
    open: async () => (opened = openInProcess({ dataDir, ballastBytes: 0, ...options })),
    settle: async () => opened.seal(),
    remove: async () => rmSync(dataDir, { recursive: true }),
  }
}
