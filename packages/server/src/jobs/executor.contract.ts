import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LogLine } from '@plotline/api'
import type { JobId } from '../units.ts'
import type { KeptFile } from './archive/kept-file.ts'
import type { Executor } from './executor.ts'
import { jobFixture } from './job-fixture.contract.ts'
import type { Job } from './job.ts'

/**
 * What every executor must do, on real processes. `open` gives the same executor again, as after a restart of the server; files
 * that it takes in are laid out in `cleanUpDir`, on its disk.
 */
export function executorContract(name: string, open: () => Executor, cleanUpDir: string): void {
  describe(`executor: ${name}`, () => {
    let executor: Executor
    let count = 0
    const started: JobId[] = []
    beforeEach(() => {
      executor = open()
    })
    afterEach(async () => {
      for (const id of started.splice(0)) {
        await executor.stop(id)
        await executor.remove(id)
      }
      await executor.close()
    })
    afterAll(() => rmSync(cleanUpDir, { recursive: true, force: true }))

    const statsd = { host: '127.0.0.1', port: 8125, jobPort: 40_000 }
    async function start(changes: Partial<Job>) {
      const job = jobFixture({ id: `j${String(count++).padStart(12, 'a')}` as JobId, ...changes })
      started.push(job.id)
      return { job, result: await executor.start(job, statsd) }
    }
    const run = async (changes: Partial<Job>) => {
      const { job } = await start(changes)
      return executor.ended(job.id)
    }
    const logOf = async (id: JobId): Promise<string[]> =>
      (await executor.readLog(id, { limit: 10_000 })).lines.map(({ text }) => text)

    it.each<[string, Job['command'], object]>([
      ['exits 0', 'true', { kind: 'exited', exitCode: 0 }],
      ['exits 3', 'exit 3', { kind: 'exited', exitCode: 3 }],
      ['is killed by a signal', 'kill -KILL $$', { kind: 'exited', exitCode: 137 }],
      ['is a list', ['sh', '-c', 'exit 4'], { kind: 'exited', exitCode: 4 }],
      ['exits 127 of its own will', 'true; exit 127', { kind: 'exited', exitCode: 127 }],
      ['is a shell loop', 'for i in 1 2; do :; done', { kind: 'exited', exitCode: 0 }],
      ['has another way than a missing program', 'nosuchprogram || exit 5', { exitCode: 5 }],
      ['is longer than one argument may be', `: ${'x'.repeat(500_000)}; exit 6`, { exitCode: 6 }],
      ['writes to /dev/stderr by name', 'echo a > /dev/stderr', { exitCode: 0 }],
      [
        'is not there',
        'nosuchprogram -x',
        { kind: 'not-started', reason: 'Command not found: nosuchprogram' },
      ],
      [
        'is a list and not there',
        ['nosuchprogram'],
        { kind: 'not-started', reason: 'Command not found: nosuchprogram' },
      ],
      [
        'may not be run',
        ['/etc/passwd'],
        { kind: 'not-started', reason: expect.stringContaining('/etc/passwd') },
      ],
    ])('tells the end of a command that %s', async (_what, command, end) => {
      expect(await run({ command })).toMatchObject(end)
    })

    it('tells of a workspace that is gone', async () => {
      expect(await run({ command: 'true', workspace: '/no/such/folder' })).toMatchObject({
        kind: 'not-started',
        reason: 'The working directory /no/such/folder is not there.',
      })
    })

    it('gives the same end again, to whoever asks later', async () => {
      const { job } = await start({ command: 'exit 9' })
      await executor.ended(job.id)
      await executor.close()
      executor = open()
      expect(await executor.ended(job.id)).toMatchObject({ kind: 'exited', exitCode: 9 })
    })

    it('gives the job its environment', async () => {
      const { job } = await start({
        command:
          'echo $PS_JOB_ID $DD_ENTITY_ID $STATSD_HOST:$STATSD_PORT $DD_AGENT_HOST:$DD_DOGSTATSD_PORT $PS_JOB_RUNNER $A; cd "$PS_ARTIFACTS" && cd "$PS_JOBSPACE" && cd "$PS_DATASETS" && cd "$PS_MODEL_PATH" && cd "$PS_HOME" && echo all there',
        env: { A: "it's", PS_JOB_ID: 'forged', STATSD_PORT: '1' },
      })
      await executor.ended(job.id)
      expect(await logOf(job.id)).toEqual([
        `${job.id} ${job.id} 127.0.0.1:40000 127.0.0.1:40000 1 it's`,
        'all there',
      ])
    })

    it('runs it where its workspace is', async () => {
      const { job } = await start({ command: 'pwd', workspace: '/usr' })
      await executor.ended(job.id)
      expect(await logOf(job.id)).toEqual(['/usr'])
    })

    it.each([
      ['goes at once', 'sleep 300'],
      ['ignores TERM', 'trap "" TERM; while true; do sleep 0.1; done'],
      [
        'has children in a group of their own',
        'setsid sleep 300 & (setsid sh -c "sleep 301 & wait" &) ; wait; sleep 300',
      ],
      ['has jobs of its own, as an interactive shell', 'bash -c "set -m; sleep 300 & sleep 301"'],
      ['hides from its environment', 'env -i setsid sh -c "sleep 300; true"'],
      ['forks on and on', 'f() { sleep 0.2; f & f & wait; }; f'],
    ])('stops a command that %s, and nothing of it is left', async (_what, command) => {
      const { job } = await start({ command })
      await new Promise((done) => setTimeout(done, 300))
      await Promise.all([executor.stop(job.id), executor.stop(job.id)])
      expect(await executor.ended(job.id)).toMatchObject({ kind: 'exited' })
      expect(livingOf(job.id)).toEqual([])
    })

    it('gives the children of a command that is stopped their time to end well', async () => {
      const { job } = await start({
        command: `sh -c 'trap "sleep 0.2; echo saved; exit" TERM; while :; do :; done' & wait`,
      })
      await new Promise((done) => setTimeout(done, 200))
      await executor.stop(job.id)
      expect(await logOf(job.id)).toEqual(['saved'])
    })

    it('stops a job in the midst of its start', async () => {
      const starting = start({ command: 'sleep 300' })
      const id = started.at(-1) ?? jobFixture({}).id
      await executor.stop(id)
      await starting
      await executor.stop(id)
      expect(livingOf(id)).toEqual([])
    })

    it('ends with the command what it left behind', async () => {
      const { job } = await start({ command: 'sleep 300 & setsid sleep 300 & echo over' })
      expect(await executor.ended(job.id)).toMatchObject({ kind: 'exited', exitCode: 0 })
      expect(livingOf(job.id)).toEqual([])
    })

    it('goes on with a job that an earlier server started', async () => {
      const { job } = await start({ command: 'echo before; sleep 1; echo after; exit 6' })
      await executor.close()
      executor = open()
      expect(await executor.ended(job.id)).toMatchObject({ kind: 'exited', exitCode: 6 })
      expect(await logOf(job.id)).toEqual(['before', 'after'])
    })

    it('knows what became of a start that an earlier server was at', async () => {
      expect(await executor.adopt(jobFixture({}).id)).toBeUndefined()
      const { job, result } = await start({ command: 'sleep 300' })
      expect(await executor.adopt(job.id)).toEqual(result)
      const missing = await start({ command: 'nosuchprogram' })
      expect(await executor.adopt(missing.job.id)).toEqual(missing.result)
    })

    it('follows a log without gap or repeat until its end', async () => {
      const { job } = await start({
        command: 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; done; sleep 0.3; echo last',
      })
      const seen: LogLine[] = []
      await executor.followLog(
        job.id,
        0,
        (lines) => void seen.push(...lines),
        new AbortController().signal,
      )
      expect(seen.map(({ n }) => n)).toEqual(Array.from({ length: 3001 }, (_, i) => i + 1))
      expect(seen.map(({ text }) => text)).toEqual([
        ...Array.from({ length: 3000 }, (_, i) => String(i + 1)),
        'last',
      ])
    })

    it('pages a long log from anywhere', async () => {
      const { job } = await start({ command: 'seq 100000' })
      await executor.ended(job.id)
      const page = async (query: object) => {
        const { lines, total, next, complete } = await executor.readLog(job.id, query)
        return {
          first: lines[0]?.text,
          last: lines.at(-1)?.text,
          count: lines.length,
          total,
          next,
          complete,
        }
      }
      const total = 100_000
      expect(await page({ after: 0, limit: 3 })).toEqual({
        first: '1',
        last: '3',
        count: 3,
        total,
        next: 3,
        complete: false,
      })
      expect(await page({ after: 77_777, limit: 2 })).toMatchObject({
        first: '77778',
        last: '77779',
        next: 77_779,
      })
      expect(await page({ tail: 10 })).toMatchObject({
        first: '99991',
        last: '100000',
        complete: true,
      })
      expect(await page({ after: total })).toMatchObject({ count: 0, next: total, complete: true })
      expect(await page({ q: '9999' })).toMatchObject({
        first: '9999',
        last: '99999',
        count: 19,
        next: total,
      })
      expect(await page({ after: 255, limit: 1 })).toMatchObject({ first: '256' })
      expect(await page({ after: 256, limit: 1 })).toMatchObject({ first: '257' })
    })

    it('gives the log as text, with what is no UTF-8 untouched', async () => {
      const { job } = await start({ command: `printf 'na\\303\\257ve\\377\\nb'` })
      await executor.ended(job.id)
      const chunks: Uint8Array[] = []
      for await (const chunk of executor.logText(job.id)) chunks.push(chunk)
      expect(Buffer.concat(chunks).toString('latin1')).toBe('na\u00c3\u00afve\u00ff\nb')
      expect((await executor.readLog(job.id, {})).lines[0]?.text).toBe('naïve\ufffd')
    })

    it('lets a job write more than anybody could read, and end', async () => {
      const end = await run({ command: 'yes | head -c 6000000' })
      expect(end).toMatchObject({ kind: 'exited', exitCode: 0 })
    })

    it('gives all that it keeps of a job, and takes it in again', async () => {
      const { job } = await start({
        command:
          'echo said; cd "$PS_ARTIFACTS"; printf made > file; mkfifo pipe; ln -s file link; chmod 640 file',
      })
      await executor.ended(job.id)
      const before = await executor.readLog(job.id, {})
      const kept = await listOf(executor.files(job.id))
      const artifacts = kept.filter(({ path }) => path.startsWith('artifacts/'))
      expect(artifacts).toMatchObject([
        { path: 'artifacts/file', type: 'file', mode: 0o640, sizeBytes: 4 },
        { path: 'artifacts/link', type: 'link', target: 'file' },
      ])
      const folder = mkdtempSync(join(cleanUpDir, 'kept-'))
      await layOut(kept, folder)
      await executor.remove(job.id)
      await executor.takeFiles(job.id, folder)
      expect(await executor.readLog(job.id, {})).toEqual(before)
      const again = await listOf(executor.files(job.id))
      expect(again.map(({ path, type }) => [path, type])).toEqual(
        kept.map(({ path, type }) => [path, type]),
      )
    })

    it('takes in no log that is a link to something else', async () => {
      const { job } = await start({ command: 'echo said' })
      await executor.ended(job.id)
      const folder = mkdtempSync(join(cleanUpDir, 'kept-'))
      const kept = await listOf(executor.files(job.id))
      await layOut(
        kept.map((file) =>
          file.path === 'log/lines' ? { ...file, type: 'link', target: '/etc/passwd' } : file,
        ),
        folder,
      )
      await executor.remove(job.id)
      await expect(executor.takeFiles(job.id, folder)).rejects.toMatchObject({
        code: 'BAD_ARCHIVE',
      })
    })

    it('removes all of a job and says how much that was', async () => {
      const { job } = await start({
        command:
          'head -c 200000 /dev/zero > "$PS_ARTIFACTS/big"; head -c 100000 /dev/zero > in-workspace',
      })
      await executor.ended(job.id)
      expect(await executor.bytesOf(job.id)).toMatchObject({
        artifacts: expect.closeTo(200_000, -4),
        workspace: expect.closeTo(100_000, -4),
      })
      expect(await executor.remove(job.id)).toBeGreaterThan(300_000)
      expect(await executor.remove(job.id)).toBe(0)
      expect(await executor.bytesOf(job.id)).toEqual({ log: 0, workspace: 0, artifacts: 0 })
    })
  })
}

async function listOf(files: AsyncIterable<KeptFile>): Promise<KeptFile[]> {
  const all: KeptFile[] = []
  for await (const file of files) all.push(file)
  return all
}

/** As an archive that was unpacked lies there. */
async function layOut(files: readonly KeptFile[], folder: string): Promise<void> {
  for (const file of files) {
    const { path, type, target } = file
    const place = join(folder, path)
    mkdirSync(dirname(place), { recursive: true })
    if (type === 'folder') mkdirSync(place)
    else if (type === 'link') symlinkSync(target, place)
    else {
      const parts: Uint8Array[] = []
      for await (const part of file.read()) parts.push(part)
      writeFileSync(place, Buffer.concat(parts))
    }
  }
}

/** Processes, zombies too, that carry the job's id. Linux. */
function livingOf(id: JobId): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`PS_JOB_ID=${id}`)
      )
    } catch {
      return false
    }
  })
}
