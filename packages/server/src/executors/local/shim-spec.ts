import type { JobFiles } from './job-files.ts'

/** What the server tells the shim on its standard input. Never stored: the environment holds secrets. */
export interface ShimSpec {
  readonly jobId: string
  readonly command: string | readonly string[]
  readonly workspace: string
  readonly env: Readonly<Record<string, string>>
  readonly files: JobFiles
  readonly killAfterMs: number
}

/** What the shim answers on its standard output, once. */
export type ShimAnswer = { readonly startedAt: number } | { readonly reason: string }
