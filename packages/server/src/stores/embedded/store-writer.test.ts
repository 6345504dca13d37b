import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchOf, JOB, LOSS, OTHER_JOB, T0 } from '../../metrics/metric-store.contract.ts'
import type { SeriesQuery } from '../../metrics/metric-store.ts'
import { openDatabase } from '../../sqlite/database.ts'
import { unixMs } from '../../units.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { openInProcess } from './open-in-process.ts'
import { hotPath, jobFolder, jobPath } from './store-folder.ts'

const gauge = { jobId: JOB, name: LOSS, type: 'gauge' } as const
const other = { ...gauge, jobId: OTHER_JOB } as const
const all: SeriesQuery = {
  jobId: JOB,
  names: [LOSS],
  from: unixMs(0),
  to: unixMs(2 * T0),
  maxPoints: 1e6,
}
const noise = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => [T0 + from + i, Math.sin((from + i) * 12.9898)] as const)

let dataDir: string
let store: EmbeddedStore
const open = (options = {}) => openInProcess({ dataDir, ballastBytes: 0, ...options })
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'plotline-store-'))
  store = open()
})
afterEach(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true })
})
const lengthOf = async (query = all) => (await store.read(query, []))[0]?.t.length ?? 0

describe('a copy of a job', () => {
  it('holds what was appended while sealing was under way', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 10)]]))
    const sealing = store.seal()
    await store.append(batchOf(T0 + 1, [[gauge, noise(10, 10)]]))
    await store.copyJob(JOB, join(dataDir, 'copy'))
    await store.adoptJob(OTHER_JOB, join(dataDir, 'copy'))
    await sealing
    expect(await lengthOf({ ...all, jobId: OTHER_JOB })).toBe(20)
  })
})

describe('a full disk', () => {
  it('refuses a batch that does not fit and takes the same batch when it does', async () => {
    await store.close()
    store = open({ hotLimitBytes: 200_000 })
    const batch = batchOf(T0 + 1, [[gauge, noise(0, 20_000)]])
    await store.append(batchOf(T0, [[gauge, noise(0, 1000)]]))
    await expect(store.append(batch)).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect(await store.lastSeq()).toBe(T0)
    expect(await lengthOf()).toBe(1000)
    await store.close()
    store = open()
    await store.append(batch)
    expect(await lengthOf()).toBe(21_000)
  })

  it('takes appends again once sealing made room', async () => {
    await store.close()
    store = open({ hotLimitBytes: 200_000 })
    let seq = T0
    const fill = async () => {
      for (;;) await store.append(batchOf(++seq, [[gauge, noise(seq - T0, 500)]]))
    }
    await expect(fill()).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    await store.seal()
    await store.append(batchOf(seq, [[gauge, noise(0, 500)]]))
    expect(await store.lastSeq()).toBe(seq)
  })

  it('deletes a job all the same', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 3000)]]))
    await store.seal()
    await store.close()
    store = open({ hotLimitBytes: 200_000 })
    let seq = T0
    const fill = async () => {
      for (;;) await store.append(batchOf(++seq, [[other, noise(seq - T0, 500)]]))
    }
    await expect(fill()).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    expect(await store.deleteJob(JOB)).toBeGreaterThan(0)
    expect(existsSync(jobPath(dataDir, JOB))).toBe(false)
    expect(await lengthOf()).toBe(0)
  })
})

describe('a deleted job', () => {
  it('leaves no trace in any file once ticks are sealed', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 100)]]))
    await store.seal()
    await store.append(
      batchOf(T0 + 1, [
        [gauge, noise(100, 100)],
        [other, noise(0, 10)],
      ]),
    )
    await store.deleteJob(JOB)
    await store.seal()
    expect(filesWith(JOB)).toEqual([])
    expect(await lengthOf({ ...all, jobId: OTHER_JOB })).toBe(10)
  })

  it.runIf(existsSync('/proc/self/fd'))(
    'takes no room, although its file had been open',
    async () => {
      await store.append(batchOf(T0, [[gauge, noise(0, 5000)]]))
      await store.seal()
      expect(await lengthOf()).toBeGreaterThan(0)
      await store.deleteJob(JOB)
      expect(openFilesOf(jobPath(dataDir, JOB)).filter((size) => size > 0)).toEqual([])
    },
  )

  it('is gone too where a crash came between the note and the unlink', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 100)]]))
    await store.seal()
    const file = readFileSync(jobPath(dataDir, JOB))
    await store.append(batchOf(T0 + 1, [[gauge, noise(100, 100)]]))
    await store.deleteJob(JOB)
    mkdirSync(jobFolder(dataDir, JOB), { recursive: true })
    writeFileSync(jobPath(dataDir, JOB), file)
    const reopened = open()
    expect(existsSync(jobPath(dataDir, JOB))).toBe(false)
    await store.close()
    store = reopened
    expect(await lengthOf()).toBe(0)
  })
})

describe('damage', () => {
  it('in a chunk costs that chunk, is reported, and new points are still taken', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 4096)]]))
    await store.seal()
    await store.close()
    alter(
      'UPDATE chunk_data SET data=zeroblob(500) WHERE id=(SELECT id FROM chunk WHERE level=0 AND t0>? LIMIT 1)',
      T0,
    )
    store = open()
    expect(await lengthOf()).toBe(3072)
    expect(await store.damage()).toMatchObject([{ job: JOB }])
    await store.append(
      batchOf(T0 + 1, [
        [gauge, noise(1500, 10)],
        [gauge, noise(9000, 10)],
      ]),
    )
    await store.seal()
    expect(await lengthOf()).toBe(3092)
  })

  it('of a file that is no database any more costs what was in it', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 100)]]))
    await store.close()
    writeFileSync(jobPath(dataDir, JOB), Buffer.alloc(40_000, 7))
    store = open()
    await store.append(batchOf(T0 + 1, [[gauge, noise(100, 7)]]))
    await store.seal()
    expect(await lengthOf()).toBe(7)
    expect(await store.damage()).toMatchObject([{ job: JOB }])
  })

  it('of a name or a type costs that series, and begins a new one', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 100)]]))
    for (const change of ["name='lass'", "type='counter'"]) {
      await store.seal()
      await store.close()
      alter(`UPDATE series SET ${change}`)
      store = open()
      expect(await lengthOf()).toBe(0)
      expect((await store.summarize(JOB, [])).series).toEqual([])
      expect(await store.damage()).toMatchObject([{ job: JOB }])
      await store.append(batchOf((await store.lastSeq()) + 1, [[gauge, noise(100, 7)]]))
      await store.seal()
      expect(await lengthOf()).toBe(7)
    }
  })

  it('of up to where ticks are in the file counts none twice, and takes later ones', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 100)]]))
    await store.seal()
    await store.append(batchOf(T0 + 1, [[gauge, noise(100, 10)]]))
    alter("UPDATE meta SET value=value-1 WHERE key='sealed_through'")
    expect(await lengthOf()).toBe(100)
    expect(await store.damage()).toMatchObject([{ job: JOB, what: 'sealed_through' }])
    await store.seal()
    await store.append(batchOf(T0 + 2, [[gauge, noise(200, 7)]]))
    expect(await lengthOf()).toBe(107)
    await store.seal()
    expect(await lengthOf()).toBe(107)
  })

  it('that took the end of a WAL, or the whole file, is told by hot.db', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 100)]]))
    await store.close()
    const before = readFileSync(jobPath(dataDir, JOB))
    store = open()
    await store.append(batchOf(T0 + 1, [[gauge, noise(100, 100)]]))
    await store.close()
    writeFileSync(jobPath(dataDir, JOB), before)
    store = open()
    expect(await lengthOf()).toBe(100)
    expect(await store.damage()).toMatchObject([
      { job: JOB, what: expect.stringContaining('lacks') },
    ])
    rmSync(jobPath(dataDir, JOB))
    expect(await lengthOf()).toBe(0)
    expect(await store.damage()).toMatchObject([
      {},
      { job: JOB, what: expect.stringContaining('missing') },
    ])
  })

  it('in pages of a file costs what was in them, and keeps the file aside', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 9000)]]))
    await store.close()
    const bytes = readFileSync(jobPath(dataDir, JOB))
    writeFileSync(jobPath(dataDir, JOB), bytes.fill(0, bytes.length - 8192))
    store = open()
    await store.check()
    expect(readFileSync(`${jobPath(dataDir, JOB)}.damaged`)).toEqual(bytes)
    expect(await lengthOf()).toBeGreaterThan(5000)
    expect((await store.damage()).length).toBeGreaterThan(0)
    await store.deleteJob(JOB)
    await store.seal()
    expect(filesWith(JOB)).toEqual([])
    expect(existsSync(`${jobPath(dataDir, JOB)}.damaged`)).toBe(false)
  })

  it('of hot.db sets no clock and deletes no job', async () => {
    await store.append(batchOf(T0, [[other, noise(0, 10)]]))
    await store.seal()
    await store.append(batchOf(T0 + 1, [[gauge, noise(0, 10)]]))
    await store.append(batchOf(T0 + 2, [[gauge, noise(10, 10)]]))
    const hot = openDatabase(hotPath(dataDir))
    hot.exec(`UPDATE tick SET seq=seq+1000000000000 WHERE seq=${T0 + 2};
      UPDATE mark SET value=value+1000000000000;
      INSERT INTO deleted VALUES ('${OTHER_JOB}', ${T0}, 1), ('../..', ${T0}, 1)`)
    hot.close()
    const reopened = open()
    expect(await reopened.lastSeq()).toBe(T0 + 1)
    expect((await reopened.damage()).map(({ job }) => job)).toEqual(Array(3).fill('hot.db'))
    await store.close()
    await reopened.close()
    store = open()
    expect(await lengthOf()).toBe(10)
    expect(await lengthOf({ ...all, jobId: OTHER_JOB })).toBe(10)
  })

  it('in a tick costs that tick', async () => {
    await store.append(batchOf(T0, [[gauge, noise(0, 10)]]))
    await store.append(batchOf(T0 + 1, [[gauge, noise(10, 10)]]))
    const db = openDatabase(hotPath(dataDir))
    db.prepare('UPDATE tick SET payload=zeroblob(30) WHERE seq=?').run(T0)
    db.close()
    expect(await lengthOf()).toBe(10)
    await store.seal()
    expect(await lengthOf()).toBe(10)
    expect((await store.damage()).length).toBeGreaterThan(0)
  })
})

describe('a job whose file fails', () => {
  it('waits in hot.db without holding up the others, and loses nothing', async () => {
    const both = (seq: number, from: number) =>
      store.append(
        batchOf(T0 + seq, [
          [gauge, noise(from, 10)],
          [other, noise(from, 10)],
        ]),
      )
    await both(0, 0)
    await store.seal()
    await store.close()
    // A folder in the place of a file: no open of it succeeds.
    renameSync(jobPath(dataDir, JOB), `${jobPath(dataDir, JOB)}.aside`)
    mkdirSync(jobPath(dataDir, JOB))
    store = open()
    await both(1, 10)
    await store.seal()
    await both(2, 20)
    await store.seal()
    expect(await lengthOf({ ...all, jobId: OTHER_JOB })).toBe(30)
    expect(ticksHeld()).toBe(2)
    expect(await store.damage()).toMatchObject([{ job: JOB }])

    rmSync(jobPath(dataDir, JOB), { recursive: true })
    renameSync(`${jobPath(dataDir, JOB)}.aside`, jobPath(dataDir, JOB))
    expect(await lengthOf()).toBe(30)
    await store.seal()
    expect(ticksHeld()).toBe(0)
    expect(await lengthOf()).toBe(30)
  })

  it('is forgotten when it is deleted', async () => {
    mkdirSync(jobPath(dataDir, JOB), { recursive: true })
    await store.append(batchOf(T0, [[gauge, noise(0, 10)]]))
    await store.seal()
    expect(ticksHeld()).toBe(1)
    rmSync(jobPath(dataDir, JOB), { recursive: true })
    await store.deleteJob(JOB)
    await store.seal()
    expect(ticksHeld()).toBe(0)
    expect(filesWith(JOB)).toEqual([])
  })
})

const ticksHeld = (): number => {
  const db = openDatabase(hotPath(dataDir), { readOnly: true })
  const count = db.prepare('SELECT count(*) AS ticks FROM tick').get()?.['ticks']
  db.close()
  return Number(count)
}

it('goes on with a new file where a job’s folder has vanished', async () => {
  await store.append(batchOf(T0, [[gauge, noise(0, 10)]]))
  await store.seal()
  expect(await lengthOf()).toBe(10)
  rmSync(jobFolder(dataDir, JOB), { recursive: true })
  expect(await lengthOf()).toBe(0)
  await store.append(batchOf(T0 + 1, [[gauge, noise(10, 5)]]))
  await store.seal()
  expect(await lengthOf()).toBe(5)
})

it('seals ticks that were met again only once', async () => {
  await store.append(batchOf(T0, [[gauge, noise(0, 10)]]))
  await store.close()
  const hot = readFileSync(hotPath(dataDir))
  store = open()
  await store.close()
  expect(existsSync(jobPath(dataDir, JOB))).toBe(true)
  // As after a crash between the job's commit and the drop of the ticks.
  writeFileSync(hotPath(dataDir), hot)
  store = open()
  await store.seal()
  expect(await lengthOf()).toBe(10)
})

it('serves more jobs than files may be open', async () => {
  await store.close()
  store = open({ maxOpenJobs: 3 })
  const jobs = Array.from({ length: 10 }, (_, i) => ({ ...gauge, jobId: jobNumber(i) }))
  await store.append(
    batchOf(
      T0,
      jobs.map((key) => [key, noise(0, 1)]),
    ),
  )
  await store.seal()
  for (const { jobId } of [...jobs, ...jobs]) expect(await lengthOf({ ...all, jobId })).toBe(1)
})

const jobNumber = (i: number) => `j${String(i).padStart(12, '0')}` as typeof JOB

function alter(sql: string, ...params: number[]): void {
  const db = openDatabase(jobPath(dataDir, JOB))
  db.prepare(sql).run(...params)
  db.close()
}

function filesWith(text: string): string[] {
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8', withFileTypes: true })
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => readFileSync(path).includes(text))
}

/** Sizes of what this process holds open of a file, whether or not it still has its name. */
function openFilesOf(path: string): number[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    const link = `/proc/self/fd/${fd}`
    try {
      return readlinkSync(link).replace(/ \(deleted\)$/, '') === path ? [statSync(link).size] : []
    } catch {
      return [] // the one that listed them
    }
  })
}
