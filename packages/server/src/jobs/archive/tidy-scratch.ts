import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeFolder } from '../../remove-folder.ts'

/** Begins to remove what was under way when an earlier server ended; to be called before anything new is. */
export async function tidyScratch(scratchDir: string): Promise<void> {
  const left = await readdir(scratchDir).catch(() => [])
  // What cannot be removed now is found again by the next server.
  for (const name of left) void removeFolder(join(scratchDir, name)).catch(() => undefined)
}
