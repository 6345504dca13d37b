import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataFolder } from './data-folder.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plotline-folder-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

describe('openDataFolder', () => {
  it('makes a key that the next start finds again', () => {
    const first = openDataFolder(dir)
    first.release()
    const next = openDataFolder(dir)
    next.release()
    expect(first).toMatchObject({ isNewKey: true, apiKey: expect.stringMatching(/^[\w-]{32}$/) })
    expect(next).toMatchObject({ isNewKey: false, apiKey: first.apiKey })
    expect(readdirSync(dir)).not.toContain('api-key.tmp')
  })

  it('takes no empty file for a key, as a power cut may leave one', () => {
    writeFileSync(join(dir, 'api-key'), '')
    const folder = openDataFolder(dir)
    folder.release()
    expect(folder.isNewKey).toBe(true)
    expect(folder.apiKey).not.toBe('')
    expect(readFileSync(join(dir, 'api-key'), 'utf8').trim()).toBe(folder.apiKey)
  })
})
