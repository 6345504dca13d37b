import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failed } from '../problem.ts'
import { writeWhole } from './write-whole.ts'

describe('writeWhole', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plotline-write-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('tells size and hash of what it wrote, and how far it is', async () => {
    const file = join(folder, 'a')
    const told: number[] = []
    const written = await writeWhole(Readable.from(['héllo', Buffer.from(' world')]), file, {
      mode: 0o600,
      onBytes: (sizeBytes) => told.push(sizeBytes),
    })
    const sha256 = createHash('sha256').update('héllo world').digest('hex')
    expect(written).toEqual({ sizeBytes: 12, sha256 })
    expect(told).toEqual([6, 12])
    expect(readFileSync(file, 'utf8')).toBe('héllo world')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('leaves what was there as it was when the source breaks off', async () => {
    const file = join(folder, 'a')
    writeFileSync(file, 'before')
    await expect(writeWhole(Readable.from(broken()), file)).rejects.toMatchObject({
      lines: [`${file} was not written.`, 'http://x broke off its answer.'],
    })
    expect(readFileSync(file, 'utf8')).toBe('before')
    expect(readdirSync(folder)).toEqual(['a'])
  })

  it('tells why a file cannot be written', async () => {
    const file = join(folder, 'missing', 'a')
    await expect(writeWhole(Readable.from(['x']), file)).rejects.toMatchObject({
      code: 'ENOENT',
      exitCode: 1,
    })
  })
})

async function* broken(): AsyncIterable<string> {
  yield 'half'
  throw failed('http://x broke off its answer.')
}
