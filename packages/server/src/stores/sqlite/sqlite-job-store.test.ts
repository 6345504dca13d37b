import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { jobStoreContract } from '../../jobs/job-store.contract.ts'
import { openSqliteJobStore } from './sqlite-job-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'plotline-jobs-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0

jobStoreContract('sqlite', () => join(folder, `meta-${count++}.db`), openSqliteJobStore)
