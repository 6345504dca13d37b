import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../../packages/server/src/sqlite/database.ts'

/** The databases that are in a data folder, as paths in it. */
export function databasesIn(dataDir: string): readonly string[] {
  const jobs = readdirSync(join(dataDir, 'jobs')).map((id) => join('jobs', id, 'metrics.db'))
  return ['meta.db', 'hot.db', ...jobs].filter((file) => existsSync(join(dataDir, file)))
}

/** What SQLite says of the pages of each file of a data folder that nobody has open. */
export function integritiesOf(
  dataDir: string,
): readonly (readonly [path: string, integrity: unknown])[] {
  return databasesIn(dataDir)
    .map((file) => join(dataDir, file))
    .map((path) => [path, integrityOf(path)])
}

export function integrityOf(path: string): unknown {
  const db = openDatabase(path)
  try {
    return db.prepare('PRAGMA integrity_check').get()?.['integrity_check']
  } finally {
    db.close()
  }
}
