import { constants, copyFileSync, renameSync } from 'node:fs'
import type { Database } from '../../sqlite/database.ts'
import { syncToDisk } from '../../sync-to-disk.ts'
import { removeIfThere, removeWal } from './store-folder.ts'

/**
 * Closes a database that was made aside: all of it is in the one file at `path` then, on the disk, to be renamed to its place.
 *
 * The file is a copy, one that nobody has had open. libsql keeps a closed connection until its statements are collected, and SQLite
 * goes by inode: whoever opened the file itself in this process would share the WAL index of that connection, under its old name,
 * and a commit of another process would not be seen here.
 */
export function finishFile(db: Database, path: string): void {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
  removeWal(path)
  const copy = `${path}.copy`
  try {
    copyFileSync(path, copy, constants.COPYFILE_FICLONE)
    syncToDisk(copy)
    renameSync(copy, path)
  } catch (error) {
    removeIfThere(copy)
    throw error
  }
}
