import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { badArchive } from './bad-archive.ts'

export const JOB_ENTRY = 'job.json'
export const METRICS_ENTRY = 'metrics.db'
export const MANIFEST_ENTRY = 'manifest.json'
/** What the executor keeps lies below it. */
export const FILES_ENTRY = 'files'

const ManifestFile = Type.Object({
  path: Type.String(),
  sizeBytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String(),
})
export type ManifestFile = Static<typeof ManifestFile>
const Manifest = Type.Object({ version: Type.Literal(1), files: Type.Array(ManifestFile) })

export const manifestText = (files: readonly ManifestFile[]): string =>
  JSON.stringify({ version: 1, files })

/** BAD_ARCHIVE unless exactly the files that `text` names were found, to the byte. */
export function checkManifest(text: string | undefined, found: readonly ManifestFile[]): void {
  if (text === undefined) throw badArchive('its end is missing')
  const named = parse(text)
  const wrong = named.find((file, i) => !isSame(file, found[i]))
  if (wrong) throw badArchive(`${wrong.path} is damaged or missing`)
  const [surplus] = found.slice(named.length)
  if (surplus) throw badArchive(`${surplus.path} does not belong to it`)
}

function parse(text: string): readonly ManifestFile[] {
  let manifest: unknown
  try {
    manifest = JSON.parse(text)
  } catch {
    throw badArchive('its manifest.json is no JSON')
  }
  if (Value.Check(Manifest, manifest)) return manifest.files
  throw badArchive('its manifest.json is none')
}

const isSame = (a: ManifestFile, b: ManifestFile | undefined): boolean =>
  a.path === b?.path && a.sizeBytes === b.sizeBytes && a.sha256 === b.sha256
