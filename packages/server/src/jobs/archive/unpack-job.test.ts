import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packTar, type TarHeader } from 'modern-tar'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manifestText } from './manifest.ts'
import { unpackJob } from './unpack-job.ts'

interface Entry {
  readonly header: Omit<TarHeader, 'size'>
  readonly body?: string
}

const file = (name: string, body = 'text'): Entry => ({ header: { name, mode: 0o640 }, body })
const link = (name: string, linkname: string): Entry => ({
  header: { name, type: 'symlink', linkname },
})
const folder = (name: string): Entry => ({ header: { name, type: 'directory', mode: 0o500 } })
const JOB = file('job.json', '{}')

let outside: string
let target: string
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'plotline-archive-'))
  target = join(outside, 'target')
})
afterEach(() => rmSync(outside, { recursive: true }))

/** A tar file of the entries, with the manifest that they need unless told otherwise. */
async function tarOf(entries: readonly Entry[], manifest = manifestOf(entries)) {
  const all = manifest === '' ? entries : [...entries, file('manifest.json', manifest)]
  return packTar(
    all.map(({ header, body = '' }) => ({
      header: { ...header, size: Buffer.byteLength(body) },
      body,
    })),
  )
}

const manifestOf = (entries: readonly Entry[]): string =>
  manifestText(
    entries
      .filter(({ header }) => header.type === undefined)
      .map(({ header, body = '' }) => ({
        path: header.name,
        sizeBytes: Buffer.byteLength(body),
        sha256: createHash('sha256').update(body).digest('hex'),
      })),
  )

async function* inPieces(bytes: Uint8Array, size = 1000): AsyncIterable<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}
async function* failing(): AsyncIterable<Uint8Array> {
  yield new Uint8Array(100)
  throw new Error('connection lost')
}
const unpack = (bytes: Uint8Array) => unpackJob(inPieces(bytes), target)

describe('unpackJob', () => {
  it('gives back files, folders and links', async () => {
    const long = `files/artifacts/${'deep/'.repeat(60)}end`
    const bytes = await tarOf([
      JOB,
      file('metrics.db', 'm'.repeat(5000)),
      folder('files/workspace/'),
      file('files/workspace/a', ''),
      link('files/workspace/l', '../../../etc'),
      file(long, 'é'),
    ])
    expect(await unpack(bytes)).toEqual({ job: '{}', hasMetrics: true, hasFiles: true })
    expect(readFileSync(join(target, long), 'utf8')).toBe('é')
    expect(readFileSync(join(target, 'metrics.db'), 'utf8')).toBe('m'.repeat(5000))
    expect(readlinkSync(join(target, 'files/workspace/l'))).toBe('../../../etc')
    expect(await unpackJob(inPieces(await tarOf([JOB])), join(outside, 'other'))).toEqual({
      job: '{}',
      hasMetrics: false,
      hasFiles: false,
    })
  })

  it.each<[string, readonly Entry[], string?]>([
    ['leads out', [JOB, file('files/../../out')]],
    ['begins at the root', [JOB, file(`/${tmpdir()}/plotline-out`)]],
    ['leads out by a link', [JOB, link('files/l', '..'), file('files/l/out')]],
    ['leads out by a link to come', [JOB, file('files/l/out'), link('files/l', '..')]],
    ['has an empty name', [JOB, file('files//x')]],
    ['has a file in the place of a folder', [JOB, file('files/x'), file('files/x/y')]],
    ['has a name twice', [JOB, file('files/x'), file('files/x')]],
    ['has a hard link', [JOB, { header: { name: 'files/h', type: 'link', linkname: 'job.json' } }]],
    ['has a device', [JOB, { header: { name: 'files/d', type: 'character-device' } }]],
    ['has what no archive has', [JOB, file('more')]],
    ['has no job', [file('metrics.db')]],
    ['has no end', [JOB], ''],
    ['has an end that is no JSON', [JOB], 'x'],
    ['has an end that is none', [JOB], '{"version":2,"files":[]}'],
    ['lacks a file', [JOB], manifestOf([JOB, file('files/x')])],
    ['has a file too many', [JOB, file('files/x')], manifestOf([JOB])],
    [
      'has a file that differs',
      [JOB, file('files/x', 'a')],
      manifestOf([JOB, file('files/x', 'b')]),
    ],
    ['goes on behind its end', [file('manifest.json', manifestOf([])), JOB], ''],
    ['is a path too long for any folder', [JOB, file(`files/${'x'.repeat(300)}`)]],
  ])('refuses one that %s', async (_why, entries, manifest) => {
    await expect(unpack(await tarOf(entries, manifest))).rejects.toMatchObject({
      code: 'BAD_ARCHIVE',
    })
    expect(existsSync(join(outside, 'out'))).toBe(false)
    expect(readdirSync(outside)).toEqual(['target'])
  })

  it('refuses one that was cut short, wherever', async () => {
    const whole = await tarOf([JOB, file('files/x', 'y'.repeat(2000))])
    const end = whole.length - 1024 // two blocks of zeros
    for (let length = 0; length < end; length += 128) {
      rmSync(target, { recursive: true, force: true })
      await expect(unpack(whole.subarray(0, length))).rejects.toMatchObject({ code: 'BAD_ARCHIVE' })
    }
  })

  it('refuses one with a changed byte in it, or takes what is the same', async () => {
    const whole = await tarOf([JOB, file('files/x', 'y'.repeat(2000))])
    for (let i = 0; i < whole.length; i += 23) {
      rmSync(target, { recursive: true, force: true })
      const changed = Uint8Array.from(whole)
      changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8))
      const outcome = await unpack(changed).catch((error: unknown) => error)
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'BAD_ARCHIVE' })
      else expect(readFileSync(join(target, 'files/x'), 'utf8')).toBe('y'.repeat(2000))
    }
  })

  it('passes on why its source failed', async () => {
    await expect(unpackJob(failing(), target)).rejects.toThrow('connection lost')
  })
})
