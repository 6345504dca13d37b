import { closeSync, fsyncSync, openSync, readSync, statSync, writeSync } from 'node:fs'

const BYTES_AT_ONCE = 2 ** 20

/**
 * Writes what the WAL of a database holds once more, and syncs it. To be called before the database is opened for writing, while nobody
 * else writes it.
 *
 * Where a sync failed, Linux takes the pages for clean: they can be read, so that who opens the file next counts what is in them as
 * committed, but no later sync brings them to the disk, and a power cut takes them and all that was written behind them
 * (tests/power-loss.test.ts).
 */
export function resyncWal(path: string): void {
  const wal = `${path}-wal`
  if ((statSync(wal, { throwIfNoEntry: false })?.size ?? 0) === 0) return
  const file = openSync(wal, 'r+')
  try {
    const bytes = new Uint8Array(BYTES_AT_ONCE)
    for (let at = 0; ;) {
      const count = readSync(file, bytes, 0, bytes.length, at)
      if (count === 0) break
      at += writeSync(file, bytes, 0, count, at)
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
