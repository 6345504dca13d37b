import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unixMs, type JobId } from '../units.ts'
import { jobFixture } from './job-fixture.contract.ts'
import type { JobListing, JobStore } from './job-store.ts'
import type { Job } from './job.ts'

/** What every job store must do. `open` gives the same store again, as after a crash, when called twice with one place. */
export function jobStoreContract(
  name: string,
  newPlace: () => string,
  open: (place: string) => JobStore,
): void {
  describe(`job store: ${name}`, () => {
    let place: string
    let store: JobStore
    beforeEach(() => {
      place = newPlace()
      store = open(place)
    })
    afterEach(() => store.close())

    const add = (id: string, changes: Partial<Job> = {}): Promise<Job> =>
      store.create((number) =>
        jobFixture({ id: jobId(id), name: `job ${number}`, createdAt: unixMs(number), ...changes }),
      )
    const names = async (listing: Partial<JobListing> = {}): Promise<string[]> =>
      (await store.list({ ...EVERYTHING, ...listing })).jobs.map((job) => job.name)

    it('gives back a job as it was stored, odd text and all, also after a reopening', async () => {
      const job = await add('odd', {
        name: `'"%_\\ \u0000 naïve 損失 💥`,
        command: ['sh', '-c', 'echo "a\nb"'],
        env: { __proto__x: '1', A: '' },
        tags: ['a,b', '%'],
        exitCode: 3,
        statsdPort: 4000,
      })
      expect(await store.get(job.id)).toEqual(job)
      await store.close()
      store = open(place)
      expect(await store.get(job.id)).toEqual(job)
    })

    it('numbers jobs from 1 and never gives a number again', async () => {
      await add('a')
      const second = await add('b')
      expect(second.name).toBe('job 2')
      await store.bury(second.id)
      await store.remove(second.id)
      expect((await add('c')).name).toBe('job 3')
      await store.close()
      store = open(place)
      expect((await add('d')).name).toBe('job 4')
    })

    it('knows nothing of a job that is not there', async () => {
      expect(await store.get(jobId('no'))).toBeUndefined()
      expect(await store.update(jobId('no'), (job) => ({ ...job, name: 'x' }))).toBeUndefined()
      expect(await store.bury(jobId('no'))).toBe(false)
    })

    it('applies changes one after the other, none lost', async () => {
      const { id } = await add('a', { exitCode: 0 })
      const changes = Array.from({ length: 50 }, () =>
        store.update(id, (job) => ({ ...job, exitCode: (job.exitCode ?? 0) + 1 })),
      )
      await Promise.all(changes)
      expect((await store.get(id))?.exitCode).toBe(50)
    })

    it('stores nothing when a change throws', async () => {
      const job = await add('a')
      const failing = store.update(job.id, () => {
        throw new Error('no')
      })
      await expect(failing).rejects.toThrow('no')
      expect(await store.get(job.id)).toEqual(job)
    })

    it('lists by each order, either way', async () => {
      await add('a', { name: 'Beta', state: 'Running', startedAt: unixMs(9) })
      await add('b', {
        name: 'alpha',
        state: 'Failed',
        startedAt: unixMs(5),
        finishedAt: unixMs(6),
      })
      await add('c', {
        name: 'gamma',
        state: 'Stopped',
        startedAt: unixMs(7),
        finishedAt: unixMs(8),
      })
      expect(await names({ order: 'created' })).toEqual(['gamma', 'alpha', 'Beta'])
      expect(await names({ order: 'created', descending: false })).toEqual([
        'Beta',
        'alpha',
        'gamma',
      ])
      expect(await names({ order: 'started', descending: false })).toEqual([
        'alpha',
        'gamma',
        'Beta',
      ])
      expect(await names({ order: 'finished', descending: false })).toEqual([
        'alpha',
        'gamma',
        'Beta',
      ])
      expect(await names({ order: 'name', descending: false })).toEqual(['alpha', 'Beta', 'gamma'])
      expect(await names({ order: 'state', descending: false })).toEqual(['alpha', 'Beta', 'gamma'])
    })

    it.each([
      ['state', { states: ['Failed', 'Stopped'] as const }, ['b', 'a']],
      ['tag', { tag: '%' }, ['b']],
      ['tag with a comma', { tag: 'x,y' }, ['a']],
      ['no part of a tag', { tag: 'x' }, []],
      ['project', { project: 'p' }, ['c']],
      ['text of the name', { text: 'LOSS_%' }, ['b']],
      ['text of the command', { text: "it's" }, ['a']],
      ['text in letters beyond ASCII', { text: 'ÜBUNG ДВА' }, ['c']],
      ['text of the id', { text: jobId('c') }, ['c']],
      ['a wildcard that is only text', { text: '_a' }, []],
    ])('filters by %s', async (_what, filter, expected) => {
      await add('a', { state: 'Stopped', command: "echo it's", tags: ['x,y'] })
      await add('b', { state: 'Failed', name: 'loss_% job', tags: ['%'] })
      await add('c', { state: 'Running', project: 'p', name: 'Übung Два' })
      const page = await store.list({ ...EVERYTHING, filter: { states: [], ...filter } })
      expect(page.jobs.map((job) => job.id)).toEqual(expected.map(jobId))
    })

    it('counts states under the other filters', async () => {
      await add('a', { state: 'Stopped', project: 'p' })
      await add('b', { state: 'Failed', project: 'p' })
      await add('c', { state: 'Failed' })
      const { counts } = await store.list({
        ...EVERYTHING,
        filter: { states: ['Failed'], project: 'p' },
      })
      expect(counts).toMatchObject({ all: 2, Stopped: 1, Failed: 1, Running: 0 })
    })

    it.each(['created', 'name', 'state'] as const)(
      'pages by %s without a gap or a repeat, though jobs come in between',
      async (order) => {
        for (let i = 0; i < 25; i++)
          await add(`a${i}`, { name: `same ${i % 3}`, createdAt: unixMs(i % 4) })
        const seen: string[] = []
        let cursor: string | undefined
        do {
          const page = await store.list({
            ...EVERYTHING,
            order,
            limit: 4,
            ...(cursor && { cursor }),
          })
          seen.push(...page.jobs.map((job) => job.id))
          cursor = page.nextCursor ?? undefined
          await add(`b${seen.length}`, { name: 'same 2', createdAt: unixMs(9) })
        } while (cursor !== undefined)
        const old = seen.filter((id) => id.startsWith('ja'))
        expect(old).toHaveLength(25)
        expect(new Set(seen).size).toBe(seen.length)
      },
    )

    it('refuses the cursor of a list in another order', async () => {
      await add('a')
      await add('b')
      const { nextCursor } = await store.list({ ...EVERYTHING, limit: 1 })
      const cursor = nextCursor ?? ''
      expect((await store.list({ ...EVERYTHING, cursor })).jobs).toHaveLength(1)
      for (const other of [{ order: 'name' }, { descending: false }] as const)
        await expect(store.list({ ...EVERYTHING, ...other, cursor })).rejects.toMatchObject({
          code: 'BAD_REQUEST',
        })
    })

    it.each(['', 'x', '[]', Buffer.from('[{},1]').toString('base64url')])(
      'refuses %j as a cursor',
      async (cursor) => {
        await expect(store.list({ ...EVERYTHING, cursor })).rejects.toMatchObject({
          code: 'BAD_REQUEST',
        })
      },
    )

    it('takes a buried job in under a free id, seen by nobody before it is unburied', async () => {
      const fixture = jobFixture({ id: jobId('a'), state: 'Stopped' })
      expect(await store.createBuried(() => fixture)).toEqual(fixture)
      expect(await store.createBuried(() => fixture)).toBeUndefined()
      expect(await store.get(fixture.id)).toBeUndefined()
      expect(await names()).toEqual([])
      await store.close()
      store = open(place)
      expect(await store.buried()).toEqual([fixture.id])
      expect(await store.unbury(fixture.id)).toBe(true)
      expect(await store.unbury(fixture.id)).toBe(false)
      expect(await store.get(fixture.id)).toEqual(fixture)
      expect(await store.createBuried(() => fixture)).toBeUndefined()
    })

    it('hides a buried job at once, remembers it until it is removed, also over a crash', async () => {
      const { id } = await add('a', { state: 'Running' })
      await add('b', { state: 'Stopped' })
      expect(await store.bury(id)).toBe(true)
      expect(await store.bury(id)).toBe(false)
      expect(await store.get(id)).toBeUndefined()
      expect(await store.update(id, (job) => ({ ...job, name: 'x' }))).toBeUndefined()
      expect(await names()).toEqual(['job 2'])
      expect(await store.inStates(['Running'])).toEqual([])
      await store.close()
      store = open(place)
      expect(await store.buried()).toEqual([id])
      await store.remove(id)
      expect(await store.buried()).toEqual([])
    })

    it('removes only what was buried', async () => {
      const { id } = await add('a')
      await store.remove(id)
      expect(await store.get(id)).toBeDefined()
    })

    it('tells jobs by state, oldest first, and the latest ended ones', async () => {
      await add('a', { state: 'Running' })
      await add('b', { state: 'Failed' })
      await add('c', { state: 'Pending' })
      await add('d', { state: 'Stopped' })
      expect((await store.inStates(['Pending', 'Running'])).map((job) => job.id)).toEqual([
        jobId('a'),
        jobId('c'),
      ])
      expect(await store.endedIds(10)).toEqual([jobId('d'), jobId('b')])
      expect(await store.endedIds(1)).toEqual([jobId('d')])
    })
  })
}

const EVERYTHING: JobListing = {
  filter: { states: [] },
  order: 'created',
  descending: true,
  limit: 100,
}

const jobId = (text: string): JobId => `j${text.padEnd(12, 'z')}` as JobId
