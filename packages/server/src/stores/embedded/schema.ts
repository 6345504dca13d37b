import { PlotlineError } from '../../errors.ts'
import type { Database } from '../../sqlite/database.ts'
import { DamagedFile } from './damaged-file.ts'

/** The statements that make a file's tables, by version of the file. */
export type Schemas = Readonly<Record<number, string>>

/**
 * The version of a file, 0 of an empty one. Throws `DamagedFile` where version and tables do not fit each other, and STORAGE_FAILED
 * where both are unknown: a newer Plotline wrote it.
 */
export function versionOf(db: Database, schemas: Schemas, file: string): number {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
  const found = tablesOf(db)
  const known = Object.keys(schemas).filter((one) => found === tablesIn(schemas[Number(one)]))
  if (known.includes(String(version)) || (version === 0 && found === '')) return version
  if (known.length > 0 || version in schemas || version === 0)
    throw new DamagedFile(`its version is ${version}, but its tables are not those of it`)
  throw new PlotlineError(
    'STORAGE_FAILED',
    `${file} has the version ${version}, which this Plotline does not know: a newer one wrote it. Start that one, or put the file elsewhere.`,
  )
}

/** SQLite keeps each statement as it was given. */
function tablesOf(db: Database): string {
  const rows = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').all()
  return sorted(rows.map(({ sql }) => String(sql)))
}

const tablesIn = (schema = ''): string => sorted(schema.split(';').map((one) => one.trim()))

const sorted = (statements: readonly string[]): string =>
  statements
    .filter((one) => one !== '')
    .toSorted()
    .join(';\n')
