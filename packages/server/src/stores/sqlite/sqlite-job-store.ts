import { isFinal, JOB_STATES, type JobState } from '@plotline/api'
import { PlotlineError } from '../../errors.ts'
import type { Job } from '../../jobs/job.ts'
import type { JobFilter, JobListing, JobOrder, JobPage, JobStore } from '../../jobs/job-store.ts'
import { openDatabase, type Database, type Row, type SqlValue } from '../../sqlite/database.ts'
import { resyncWal } from '../../sqlite/resync-wal.ts'
import { storageFailure } from '../../sqlite/storage-failure.ts'
import { isJobId, type JobId } from '../../units.ts'
import { dirname } from 'node:path'
import { jobOfRow, rowOfJob } from './job-row.ts'
import { migrate } from './schema.ts'

/**
 * Jobs in one SQLite file; see docs/format/meta-db.md. One connection, and every write is a transaction of its own with
 * synchronous=FULL, so that a promise that resolves is on the disk.
 */
export function openSqliteJobStore(path: string): JobStore {
  resyncWal(path)
  const db = openDatabase(path, { synchronous: 'FULL' })
  // What is deleted is overwritten: it may have been a secret.
  db.exec('PRAGMA secure_delete=ON')
  migrate(db)
  const insert = db.prepare(
    `INSERT INTO job(id, name, state, project, words, tags, created_at, started_at, finished_at, body, buried)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING`,
  )
  const replace = db.prepare(
    `UPDATE job SET id = ?, name = ?, state = ?, project = ?, words = ?, tags = ?, created_at = ?, started_at = ?,
     finished_at = ?, body = ? WHERE number = ?`,
  )
  const find = db.prepare('SELECT number, body FROM job WHERE id = ? AND buried = 0')
  const setBuried = db.prepare('UPDATE job SET buried = ? WHERE id = ? AND buried = ?')
  const drop = db.prepare('DELETE FROM job WHERE id = ? AND buried = 1')

  /** What the disk did to the file is told as an expected failure. */
  const told =
    <A extends readonly unknown[], R>(work: (...args: A) => R) =>
    async (...args: A): Promise<R> => {
      try {
        return work(...args)
      } catch (error) {
        throw storageFailure(error, dirname(path))
      }
    }

  return {
    create: told((make: (number: number) => Job) => insertJob(make, 0) ?? idTaken()),
    createBuried: told((make: (number: number) => Job) => insertJob(make, 1)),
    get: told((id: JobId) => {
      const row = find.get(id)
      return row && jobOfRow(row)
    }),
    update: told((id: JobId, change: (job: Job) => Job) =>
      db.transaction(() => {
        const row = find.get(id)
        if (row === undefined) return undefined
        const before = jobOfRow(row)
        const job = change(before)
        if (job !== before) replace.run(...rowOfJob(job), row['number'] ?? null)
        return job
      }),
    ),
    list: told((listing: JobListing) => readPage(db, listing)),
    inStates: told((states: readonly JobState[]) =>
      db
        .prepare(
          `SELECT body FROM job WHERE buried = 0 AND state IN (${marks(states)}) ORDER BY number`,
        )
        .all(...states)
        .map(jobOfRow),
    ),
    endedIds: told((limit: number) => {
      const final = JOB_STATES.filter(isFinal)
      const ended = db.prepare(
        `SELECT id FROM job WHERE buried = 0 AND state IN (${marks(final)}) ORDER BY number DESC LIMIT ?`,
      )
      return ids(ended.all(...final, limit))
    }),
    bury: told((id: JobId) => setBuried.run(1, id, 0).changes > 0),
    unbury: told((id: JobId) => setBuried.run(0, id, 1).changes > 0),
    buried: told(() =>
      ids(db.prepare('SELECT id FROM job WHERE buried = 1 ORDER BY number').all()),
    ),
    remove: told((id: JobId) => {
      if (drop.run(id).changes > 0) leaveNoTrace()
    }),
    close: async () => db.close(),
  }

  /** Older states of what was deleted stand in the WAL until it is emptied. */
  function leaveNoTrace(): void {
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // On a full disk, say: the next deletion or the end of the server empties it.
    }
  }

  function insertJob(make: (number: number) => Job, buried: 0 | 1): Job | undefined {
    return db.transaction(() => {
      const job = make(nextNumber(db))
      const isNew = insert.run(...rowOfJob(job), buried).changes > 0
      return isNew ? job : undefined
    })
  }
}

const idTaken = (): never => {
  throw new Error('A new job has the id of another.')
}

/** AUTOINCREMENT's own memory: numbers of deleted jobs are not given again. */
function nextNumber(db: Database): number {
  const row = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'job'").get()
  return Number(row?.['seq'] ?? 0) + 1
}

const ids = (rows: readonly Row[]): JobId[] => rows.map(({ id }) => String(id)).filter(isJobId)
const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ')

interface Condition {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** Null sorts last either way: a job that has not started is no news at the top. */
const SORT_KEY: Readonly<Record<JobOrder, string>> = {
  created: 'created_at',
  started: 'coalesce(started_at, created_at)',
  finished: 'coalesce(finished_at, 9e15)',
  name: 'name COLLATE NOCASE',
  state: 'state',
}

function readPage(db: Database, listing: JobListing): JobPage {
  const { filter, order, descending, cursor, limit } = listing
  const key = SORT_KEY[order]
  const direction = descending ? 'DESC' : 'ASC'
  const anyState = conditionOf(filter)
  const inStates = stateCondition(filter.states)
  const onPage = cursor === undefined ? ALL : cursorCondition(listing, cursor)
  const where = and(anyState, inStates, onPage)
  const rows = db
    .prepare(
      `SELECT number, body, ${key} AS sort_key FROM job WHERE ${where.sql}
       ORDER BY sort_key ${direction}, number ${direction} LIMIT ?`,
    )
    .all(...where.values, limit + 1)
  const shown = rows.slice(0, limit)
  return {
    jobs: shown.map(jobOfRow),
    nextCursor: rows.length > limit ? writeCursor(listing, shown.at(-1)) : null,
    counts: countStates(db, anyState),
  }
}

const ALL: Condition = { sql: '1', values: [] }

const and = (...conditions: readonly Condition[]): Condition => ({
  sql: conditions.map(({ sql }) => `(${sql})`).join(' AND '),
  values: conditions.flatMap(({ values }) => values),
})

function conditionOf({ tag, text, project }: JobFilter): Condition {
  const conditions: Condition[] = [{ sql: 'buried = 0', values: [] }]
  if (project !== undefined) conditions.push({ sql: 'project = ?', values: [project] })
  if (tag !== undefined)
    conditions.push({
      sql: 'EXISTS (SELECT 1 FROM json_each(job.tags) WHERE value = ?)',
      values: [tag],
    })
  if (text !== undefined)
    conditions.push({
      sql: 'instr(words, ?) > 0',
      values: [text.toLowerCase()],
    })
  return and(...conditions)
}

const stateCondition = (states: readonly JobState[]): Condition =>
  states.length === 0 ? ALL : { sql: `state IN (${marks(states)})`, values: states }

/** Rows behind the last one of the page before, wherever new rows have come in since. */
function cursorCondition({ order, descending }: JobListing, text: string): Condition {
  const cursor = readCursor(text)
  if (cursor === undefined || cursor[0] !== order || cursor[1] !== descending)
    throw new PlotlineError(
      'BAD_REQUEST',
      `"${text}" is no cursor of this list. Take nextCursor of the page before.`,
    )
  const beyond = descending ? '<' : '>'
  return { sql: `(${SORT_KEY[order]}, number) ${beyond} (?, ?)`, values: [cursor[2], cursor[3]] }
}

/** Order, whether descending, then sort key and number of the last row shown. */
type Cursor = readonly [string, boolean, number | string, number]

const writeCursor = ({ order, descending }: JobListing, row: Row | undefined): string =>
  Buffer.from(JSON.stringify([order, descending, row?.['sort_key'], row?.['number']])).toString(
    'base64url',
  )

function readCursor(text: string): Cursor | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return isCursor(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

const isCursor = (value: unknown): value is Cursor =>
  Array.isArray(value) &&
  value.length === 4 &&
  typeof value[0] === 'string' &&
  typeof value[1] === 'boolean' &&
  (typeof value[2] === 'number' || typeof value[2] === 'string') &&
  Number.isSafeInteger(value[3])

function countStates(db: Database, where: Condition): Record<string, number> {
  const rows = db
    .prepare(`SELECT state, count(*) AS n FROM job WHERE ${where.sql} GROUP BY state`)
    .all(...where.values)
  const counts: Record<string, number> = { all: 0 }
  for (const state of JOB_STATES) counts[state] = 0
  for (const { state, n } of rows) {
    counts[String(state)] = Number(n)
    counts['all'] = (counts['all'] ?? 0) + Number(n)
  }
  return counts
}
