import type { Database } from '../../sqlite/database.ts'

/** Each step leads from the version of its place to the next. Steps are never changed, only added. */
const STEPS: readonly string[] = [
  `CREATE TABLE job(
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL,
     state TEXT NOT NULL,
     project TEXT NOT NULL,
     command TEXT NOT NULL,
     tags TEXT NOT NULL,
     created_at REAL NOT NULL,
     started_at REAL,
     finished_at REAL,
     buried INTEGER NOT NULL DEFAULT 0,
     body TEXT NOT NULL
   );
   CREATE INDEX job_created ON job(created_at, number);
   CREATE INDEX job_state ON job(state, number)`,
  // SQLite's lower() knows no letters beyond ASCII: the text to search is folded by who writes it.
  `ALTER TABLE job ADD COLUMN words TEXT NOT NULL DEFAULT '';
   UPDATE job SET words = lower(name || char(10) || id || char(10) || command);
   ALTER TABLE job DROP COLUMN command`,
]

/** Brings the file to the newest version. A file of a newer Plotline is not touched. */
export function migrate(db: Database): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
  if (version > STEPS.length)
    throw new Error(
      `meta.db was written by a newer Plotline (version ${version}); this one knows up to ${STEPS.length}.`,
    )
  for (const [step, sql] of STEPS.entries()) {
    if (step < version) continue
    db.transaction(() => db.exec(`${sql}; PRAGMA user_version=${step + 1}`))
  }
}
