import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { jobFixture } from '../../jobs/job-fixture.contract.ts'
import { jobStoreContract } from '../../jobs/job-store.contract.ts'
import { openDatabase } from '../../sqlite/database.ts'
import { openSqliteJobStore } from './sqlite-job-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'plotline-jobs-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0
const newPlace = () => join(folder, `meta-${count++}.db`)

jobStoreContract('sqlite', newPlace, openSqliteJobStore)

describe('openSqliteJobStore', () => {
  it('takes a file of the first version over', async () => {
    const place = newPlace()
    const job = jobFixture({ name: 'Of old' })
    const db = openDatabase(place)
    db.exec(`CREATE TABLE job(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
      state TEXT NOT NULL, project TEXT NOT NULL, command TEXT NOT NULL, tags TEXT NOT NULL, created_at REAL NOT NULL,
      started_at REAL, finished_at REAL, buried INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL); PRAGMA user_version=1`)
    db.prepare(
      `INSERT INTO job(id, name, state, project, command, tags, created_at, body) VALUES (?, ?, 'Pending', 'default', 'true', '[]', 1, ?)`,
    ).run(job.id, job.name, JSON.stringify(job))
    db.close()
    const store = openSqliteJobStore(place)
    const filter = { states: [], text: 'of OLD' }
    const page = await store.list({ filter, order: 'name', descending: false, limit: 5 })
    expect(page.jobs).toEqual([job])
    await store.close()
  })

  it('leaves no trace of a deleted job and its secrets in any file', async () => {
    const place = newPlace()
    const store = openSqliteJobStore(place)
    const job = jobFixture({ env: { TOKEN: 'hush-hush' }, command: 'x'.repeat(9000) })
    await store.create(() => job)
    await store.update(job.id, (before) => ({ ...before, command: 'short' }))
    await store.bury(job.id)
    await store.remove(job.id)
    const files = readdirSync(folder).filter((name) => join(folder, name).startsWith(place))
    for (const name of files) {
      const bytes = readFileSync(join(folder, name))
      for (const text of [job.id, 'hush-hush', 'xxxxxxxx']) expect(bytes.includes(text)).toBe(false)
    }
    await store.close()
  })

  it('leaves a file of a newer version alone', () => {
    const place = newPlace()
    const db = openDatabase(place)
    db.exec('PRAGMA user_version=99')
    db.close()
    expect(() => openSqliteJobStore(place)).toThrow(/newer Plotline \(version 99\)/)
  })
})
