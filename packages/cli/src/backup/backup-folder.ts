import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OWNER_ONLY_FOLDER } from '../config.ts'
import { PART } from '../files/write-whole.ts'
import { badInput, failed } from '../problem.ts'
import { LOCK, lockFolder } from './lock-folder.ts'
import { MANIFEST, readManifest, type Manifest } from './manifest.ts'

export interface BackupFolder {
  /** Of the backup that was here before. */
  readonly earlier: Manifest | undefined
  release(): Promise<void>
}

/** Takes a new or empty folder, or that of an earlier backup, for this process alone and for its owner's eyes alone. */
export async function openBackupFolder(folder: string): Promise<BackupFolder> {
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY_FOLDER }).catch(unusable)
  const entries = await readdir(folder).catch(unusable)
  if (!entries.includes(MANIFEST) && entries.some((name) => name !== LOCK))
    throw badInput(
      `${folder} holds other things and no ${MANIFEST}. A backup goes into a new or empty folder, or into that of an earlier backup.`,
    )
  const release = await lockFolder(folder)
  try {
    const earlier = await readManifest(folder)
    await chmod(folder, OWNER_ONLY_FOLDER).catch(unusable)
    // What a backup that was broken off had not finished.
    for (const name of entries.filter((entry) => entry.endsWith(PART)))
      await rm(join(folder, name), { force: true })
    return { earlier, release }
  } catch (error) {
    await release()
    throw error
  }

  function unusable(error: unknown): never {
    throw failed(
      `The folder ${folder} cannot be used: ${error instanceof Error ? error.message : 'unknown'}`,
    )
  }
}
