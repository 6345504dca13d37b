import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { metricStoreContract } from '../../metrics/metric-store.contract.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import type { openEmbeddedStore } from './open-embedded-store.ts'

// Node 20 starts no thread from TypeScript, so this one runs what was compiled.
const COMPILED = join(import.meta.dirname, '../../../dist/stores/embedded/open-embedded-store.js')

it('has been compiled before it is tested', () => {
  expect(existsSync(COMPILED)).toBe(true)
})

metricStoreContract('the embedded store over its two threads', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'plotline-store-'))
  const compiled = (await import(pathToFileURL(COMPILED).href)) as {
    openEmbeddedStore: typeof openEmbeddedStore
  }
  let opened: EmbeddedStore
  return {
    open: async () => (opened = await compiled.openEmbeddedStore({ dataDir, ballastBytes: 0 })),
    settle: async () => opened.seal(),
    remove: async () => rmSync(dataDir, { recursive: true }),
  }
})
