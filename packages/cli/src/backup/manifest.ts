import { isFinal, Job } from '@plotline/api'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { OWNER_ONLY } from '../config.ts'
import { systemCode, writeWhole } from '../files/write-whole.ts'
import { parseJson } from '../parse-json.ts'
import { badInput, failed } from '../problem.ts'

export const MANIFEST = 'backup.json'
const VERSION = 1

const UnixMs = Type.Number()

const SavedJob = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: Job.properties.state,
  /** In the folder of the backup. */
  file: Type.String({ pattern: String.raw`^j[a-z0-9]{12}\.tar$` }),
  sizeBytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  savedAt: UnixMs,
  /** As the API told it just before it was saved. */
  job: Job,
})
export type SavedJob = Static<typeof SavedJob>

/** What a backup holds. Docs: docs/CLI.md. */
const Manifest = Type.Object({
  version: Type.Literal(VERSION),
  plotline: Type.String(),
  url: Type.String(),
  startedAt: UnixMs,
  /** Null: it was broken off, or goes on; what it lists is whole all the same. */
  finishedAt: Type.Union([UnixMs, Type.Null()]),
  jobs: Type.Array(SavedJob),
})
export type Manifest = Static<typeof Manifest>

/** Undefined where the folder holds none. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const file = join(folder, MANIFEST)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw failed(`${file} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`)
  })
  if (text === undefined) return undefined
  const manifest = parseJson(text)
  if (Value.Check(Manifest, manifest)) return manifest
  throw badInput(
    `${file} cannot be understood: it is damaged, or a later version of plotline wrote it.`,
  )
}

/** In the place of the one before, whole or not at all. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, undefined, 1)}\n`
  await writeWhole(Readable.from([text]), join(folder, MANIFEST), { mode: OWNER_ONLY })
}

/**
 * Nothing of a job changes after its end but what its JSON tells: its name, its tags. What it takes on the disk does for a minute or
 * two, as its metrics are moved into their place.
 */
export const isUnchanged = (saved: SavedJob, now: Job): boolean =>
  isFinal(saved.job.state) && isDeepStrictEqual({ ...saved.job, bytes: 0 }, { ...now, bytes: 0 })
