import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createTarPacker } from 'modern-tar'
import { unixMs } from '../../units.ts'
import type { KeptFile } from './kept-file.ts'
import { MANIFEST_ENTRY, manifestText, type ManifestFile } from './manifest.ts'

type Packer = ReturnType<typeof createTarPacker>['controller']

/**
 * The entries as a tar file, with their manifest at its end; read no faster than the stream is. `release` is called when the last
 * byte was taken, or nobody takes any more.
 */
export function packEntries(
  entries: AsyncIterable<KeptFile>,
  release: () => Promise<void>,
): Readable {
  const { readable, controller } = createTarPacker()
  writeAll(controller, entries)
    .finally(release)
    // Who reads the stream is told; where nobody does any more, there is nobody to tell.
    .catch((error: unknown) => controller.error(error))
  return Readable.from(readable, { objectMode: false })
}

async function writeAll(packer: Packer, entries: AsyncIterable<KeptFile>): Promise<void> {
  const manifest: ManifestFile[] = []
  for await (const entry of entries) {
    const sha256 = await writeEntry(packer, entry)
    if (entry.type === 'file')
      manifest.push({ path: entry.path, sizeBytes: entry.sizeBytes, sha256 })
  }
  await writeEntry(packer, textEntry(MANIFEST_ENTRY, manifestText(manifest)))
  packer.finalize()
}

const TAR_TYPES = { file: 'file', folder: 'directory', link: 'symlink' } as const

/** Gives the sha256 of what was written. */
async function writeEntry(packer: Packer, entry: KeptFile): Promise<string> {
  const { path, type, mode, modifiedAt, sizeBytes, target } = entry
  const body = packer
    .add({
      name: type === 'folder' ? `${path}/` : path,
      type: TAR_TYPES[type],
      mode,
      mtime: new Date(modifiedAt),
      size: sizeBytes,
      ...(type === 'link' && { linkname: target }),
    })
    .getWriter()
  const hash = createHash('sha256')
  for await (const bytes of entry.read()) {
    hash.update(bytes)
    await body.write(bytes)
  }
  await body.close()
  return hash.digest('hex')
}

/** A file that is made here. */
export function textEntry(path: string, text: string): KeptFile {
  const bytes = Buffer.from(text)
  return {
    path,
    type: 'file',
    mode: 0o600,
    modifiedAt: unixMs(0),
    sizeBytes: bytes.length,
    target: '',
    async *read() {
      yield bytes
    },
  }
}
