import type { SizeColumn } from './storage-sort.ts'

export const SIZE_WORDS: Readonly<Record<SizeColumn, string>> = {
  metrics: 'Metrics',
  log: 'Log',
  artifacts: 'Artifacts',
  workspace: 'Workspace',
  total: 'Total',
}
