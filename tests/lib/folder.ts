import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/** By its real path, which a process that runs in it sees. */
export const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'plotline-test-')))

export const removeFolder = (path: string): void =>
  rmSync(path, { recursive: true, force: true, maxRetries: 5 })

/** Gives a file's tests an empty folder of their own. */
export function withFolder(take: (folder: string) => void): void {
  let folder: string | undefined
  beforeAll(() => {
    folder = newFolder()
    take(folder)
  })
  afterAll(() => {
    if (folder !== undefined) removeFolder(folder)
  })
}
