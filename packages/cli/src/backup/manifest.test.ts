import type { Job } from '@plotline/api'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  isUnchanged,
  MANIFEST,
  readManifest,
  writeManifest,
  type Manifest,
  type SavedJob,
} from './manifest.ts'

const JOB: Job = {
  id: 'jabc012345678',
  name: 'job 1',
  project: 'default',
  state: 'Stopped',
  exitCode: 0,
  error: null,
  command: 'true',
  container: null,
  workspace: null,
  env: { LR: '0.1' },
  customMetrics: ['loss'],
  tags: [],
  parentId: null,
  createdAt: 1,
  startedAt: 2,
  finishedAt: 3,
  bytes: 4096,
}
const saved = (job: Job): SavedJob => ({
  id: job.id,
  name: job.name,
  state: job.state,
  file: `${job.id}.tar`,
  sizeBytes: 10,
  sha256: 'a'.repeat(64),
  savedAt: 4,
  job,
})
const MANIFEST_OF_ONE: Manifest = {
  version: 1,
  plotline: '0.1.0',
  url: 'http://127.0.0.1:8400',
  startedAt: 3,
  finishedAt: null,
  jobs: [saved(JOB)],
}

describe('isUnchanged', () => {
  it.each<[string, Job, Job, boolean]>([
    ['as it was', JOB, { ...JOB }, true],
    ['renamed', JOB, { ...JOB, name: 'other' }, false],
    ['of another size now, its metrics in their place', JOB, { ...JOB, bytes: 8192 }, true],
    ['tagged', JOB, { ...JOB, tags: ['a'] }, false],
    ['running as it was', { ...JOB, state: 'Running' }, { ...JOB, state: 'Running' }, false],
    ['ended since', { ...JOB, state: 'Running' }, JOB, false],
  ])('of a job that is %s', (_, before, now, isIt) => {
    expect(isUnchanged(saved(before), now)).toBe(isIt)
  })
})

describe('readManifest', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plotline-manifest-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('gives back what was written, for its owner alone, and nothing where there is none', async () => {
    expect(await readManifest(folder)).toBeUndefined()
    await writeManifest(folder, MANIFEST_OF_ONE)
    expect(await readManifest(folder)).toEqual(MANIFEST_OF_ONE)
    expect(statSync(join(folder, MANIFEST)).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['no JSON', '{'],
    ['of a later version', JSON.stringify({ ...MANIFEST_OF_ONE, version: 2 })],
    [
      'that names files elsewhere',
      JSON.stringify({ ...MANIFEST_OF_ONE, jobs: [{ ...saved(JOB), file: '../../etc/passwd' }] }),
    ],
  ])('refuses one that is %s', async (_, text) => {
    writeFileSync(join(folder, MANIFEST), text)
    await expect(readManifest(folder)).rejects.toMatchObject({ exitCode: 2 })
  })
})
