import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isFinal, type Job } from '@plotline/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plotlineIn, surroundings, type Outcome } from './lib/command-line.ts'
import { spareDataFolder, withServer } from './lib/data-folder.ts'
import { withFolder } from './lib/folder.ts'
import { BIN, eventually, startServer, type TestServer } from './lib/server.ts'

const SECRET = 'correct horse battery staple'

/** Everything that a job can leave behind. */
const RICH = `
cd "$PS_ARTIFACTS" && mkdir -p deep/er && head -c 300000 /dev/urandom > deep/er/model.bin && : > empty && ln -s deep/er/model.bin latest
ln -s /nowhere/at/all dangling && printf x > 'ünï cödé "name".txt' && chmod 400 empty
cd - > /dev/null; echo from the workspace > notes.txt
for i in $(seq 300); do echo "line $i"; printf 'steps:1|c\\nloss:0.%d|g' $i > /dev/udp/$STATSD_HOST/$STATSD_PORT; done
printf 'no line break, \\033[31mred\\033[0m' >&2
`

interface BackupSummary {
  readonly fetched: readonly { readonly id: string }[]
  readonly unchanged: readonly string[]
  readonly gone: readonly string[]
}

let server: TestServer
let home: string
withServer((started) => (server = started))
withFolder((made) => (home = made))
const plotline = (args: readonly string[], at = server): Promise<Outcome> =>
  plotlineIn(home, surroundings(home, at), args)

describe('plotline backup and restore', () => {
  const ended: string[] = []
  let running: string
  let receivedBefore: number

  beforeAll(async () => {
    const jobs = [
      { command: ['bash', '-c', RICH], name: 'rich', customMetrics: 'steps, loss', tags: ['a'] },
      { command: 'exit 3', name: 'failed', env: { TOKEN: SECRET, LR: '0.1' }, secrets: ['TOKEN'] },
      { command: 'no-such-program', name: 'ill' },
    ]
    for (const job of jobs) ended.push((await server.submit(job)).id)
    for (const id of ended)
      await eventually(
        () => server.job(id),
        ({ state }) => isFinal(state),
      )
    running = (await server.run({ command: 'sleep 300', customMetrics: 'fast, slow' })).id
  })

  afterAll(() => server.api('POST', `/api/v1/jobs/${running}/stop`))

  it('brings back every byte of what has ended, and of what runs all that was accepted before it began', async () => {
    const load = startLoad(running)
    await eventually(
      () => server.metrics(running),
      ({ received }) => received > 800,
    )
    receivedBefore = (await server.metrics(running)).received
    const backup = await plotline(['backup', 'saved'])
    expect(backup).toMatchObject({ code: 0 })
    expect(backup.out).toMatch(
      /^Backed up 4 jobs to saved: 4 fetched \([\d.]+ kB\), 0 unchanged\.\n$/,
    )
    expect(backup.err).toMatch(/\[1\/4\] j\w+ rich [\d.]+ kB\n/)
    load.stop()

    expect(modeOf('saved')).toBe(0o700)
    for (const name of readdirSync(join(home, 'saved'))) expect(modeOf('saved', name)).toBe(0o600)
    expect(readdirSync(join(home, 'saved')).toSorted()).toEqual(
      ['backup.json', ...[...ended, running].map((id) => `${id}.tar`)].toSorted(),
    )

    const restored = await plotline(['restore', 'saved', '--data', 'fresh'])
    expect(restored).toMatchObject({ code: 0, out: 'Restored 4 of 4 jobs from saved.\n' })
    const copy = await startServer(join(home, 'fresh'))
    try {
      for (const id of ended) await expectSame(id, copy)
      const rich = ended[0] ?? ''
      expect((await copy.metrics(rich)).received).toBe(600)
      expect(await textOf(copy, rich, 'log.txt')).toContain('line 300\n')
      expect(treeOf(join(copy.dataDir, 'jobs', rich, 'artifacts'))).toMatchObject({
        dangling: '-> /nowhere/at/all',
        latest: '-> deep/er/model.bin',
        empty: '400 ',
      })
      expect(await secretOf(copy, ended[1])).toContain(SECRET)
      await expectPrefix(copy)
    } finally {
      await copy.stop()
    }
  }, 90_000)

  it('fetches only what changed the next time, and keeps what is gone', async () => {
    const { id: late } = await server.submit({ command: 'true', name: 'late' })
    await eventually(
      () => server.job(late),
      ({ state }) => isFinal(state),
    )
    await server.api('PATCH', `/api/v1/jobs/${ended[2]}`, { name: 'renamed' })
    const second = await summaryOf(['backup', 'saved', '--json'])
    expect(second.fetched.map(({ id }) => id).toSorted()).toEqual(
      [late, ended[2], running].toSorted(),
    )
    expect(second.unchanged.toSorted()).toEqual([ended[0], ended[1]].toSorted())

    rmSync(join(home, 'saved', `${ended[1]}.tar`))
    await server.api('DELETE', `/api/v1/jobs/${late}`)
    const third = await plotline(['backup', 'saved'])
    expect(third.err).toContain(
      '1 job of an earlier backup is no longer on the server; its archive stays.',
    )
    expect(third.out).toContain(': 2 fetched')
    expect(existsSync(join(home, 'saved', `${late}.tar`))).toBe(true)
    expect((await summaryOf(['backup', 'saved', '--full', '--json'])).unchanged).toEqual([])
  }, 60_000)

  it('restores what is sound, names what is not, and passes over what is there', async () => {
    cpSync(join(home, 'saved'), join(home, 'spoilt'), { recursive: true })
    const spoilt = join(home, 'spoilt', `${ended[0]}.tar`)
    const bytes = readFileSync(spoilt)
    bytes[100_000] = (bytes[100_000] ?? 0) ^ 1
    writeFileSync(spoilt, bytes)
    rmSync(join(home, 'spoilt', `${ended[2]}.tar`))

    const target = await spareDataFolder().start()
    const first = await plotline(['restore', 'spoilt'], target)
    expect(first).toMatchObject({
      code: 1,
      out: 'Restored 3 of 5 jobs from spoilt: 2 failed.\n',
    })
    expect(first.err).toContain(`${spoilt} is damaged`)
    expect(first.err).toContain(`${ended[2]}.tar cannot be read`)
    const again = await plotline(['restore', 'saved', ended[0] ?? '', ended[1] ?? ''], target)
    expect(again).toMatchObject({
      code: 0,
      out: 'Restored 1 of 2 jobs from saved: 1 is already there.\n',
    })
    expect(await plotline(['restore', 'saved', 'jnosuchjob000'], target)).toMatchObject({
      code: 2,
      err: 'The backup in saved holds no job "jnosuchjob000".\n',
    })
  }, 60_000)

  it('goes on where it was broken off', async () => {
    cpSync(join(home, 'saved'), join(home, 'broken'), { recursive: true })
    const file = join(home, 'broken', 'backup.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { jobs: { id: string }[] }
    const kept = manifest.jobs.filter(({ id }) => id === ended[0])
    writeFileSync(file, JSON.stringify({ ...manifest, finishedAt: null, jobs: kept }))
    writeFileSync(join(home, 'broken', `${ended[1]}.tar.part`), 'half of it')
    // Of a process that is no more.
    const { pid } = spawnSync('true')
    const host = spawnSync('hostname', { encoding: 'utf8' }).stdout.trim()
    writeFileSync(join(home, 'broken', 'backup.lock'), JSON.stringify({ pid, host }))
    const { fetched, unchanged } = await summaryOf(['backup', 'broken', '--json'])
    expect(unchanged).toEqual([ended[0]])
    expect(fetched).toHaveLength(3)
    expect(
      readdirSync(join(home, 'broken')).filter((name) => !/^(j\w+\.tar|backup\.json)$/.test(name)),
    ).toEqual([])
  })

  it('refuses a folder of other things, one that another backup fills, and one that a server uses', async () => {
    mkdirSync(join(home, 'other'))
    writeFileSync(join(home, 'other', 'thesis.tex'), '')
    const foreign = await plotline(['backup', 'other'])
    expect(foreign).toMatchObject({ code: 2, out: '' })
    expect(foreign.err).toContain('holds other things and no backup.json')
    expect(await plotline(['restore', 'other'])).toMatchObject({ code: 2 })

    const host = spawnSync('hostname', { encoding: 'utf8' }).stdout.trim()
    const lock = join(home, 'saved', 'backup.lock')
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host }))
    const second = await plotline(['backup', 'saved'])
    expect(second).toMatchObject({ code: 1, out: '' })
    expect(second.err).toContain(`If it is not, remove ${lock}.`)
    rmSync(lock)

    const used = await plotline(['restore', 'saved', '--data', server.dataDir])
    expect(used).toMatchObject({ code: 1, out: '' })
    expect(used.err).toContain(`Another Plotline server uses the data folder ${server.dataDir}.`)
  })

  async function expectPrefix(copy: TestServer): Promise<void> {
    const job = await copy.job(running)
    expect(job).toMatchObject({ state: 'Error', id: running })
    expect(job.error).toContain('was not over')
    for (const metric of ['fast', 'slow']) {
      const [all, some] = await Promise.all(
        [server, copy].map((at) => textOf(at, running, `metrics.csv?names=${metric}`)),
      )
      const rows = some?.trim().split('\n') ?? []
      // The second that it was saved in may have gone on.
      const lastSecond = Math.floor(Number(rows.at(-1)?.split(',')[0]) / 1000) * 1000
      const whole = rows.filter((row, at) => at === 0 || Number(row.split(',')[0]) < lastSecond)
      expect(whole.length).toBeGreaterThan(3)
      expect(all?.split('\n').slice(0, whole.length)).toEqual(whole)
    }
    expect(
      (await copy.metrics(running)).metrics.reduce((sum, { samples }) => sum + samples, 0),
    ).toBeGreaterThanOrEqual(receivedBefore)
  }
})

describe('plotline export and import', () => {
  let other: TestServer
  let job: Job
  withServer((started) => (other = started))
  beforeAll(async () => {
    const { id } = await server.submit({
      command: 'echo hello',
      name: 'moved',
      env: { TOKEN: SECRET },
      secrets: ['TOKEN'],
    })
    job = await eventually(
      () => server.job(id),
      ({ state }) => isFinal(state),
    )
  })

  it('moves a job from one server to another, where it keeps its id, and says so when it is there already', async () => {
    const { out, code } = await plotline(['export', job.id])
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^${job.id}\\.tar [\\d.]+ kB\\n$`))
    expect(modeOf(`${job.id}.tar`)).toBe(0o600)
    expect(readFileSync(join(home, `${job.id}.tar`), 'latin1')).not.toContain(SECRET)

    const imported = await plotline(['import', `${job.id}.tar`], other)
    expect(imported).toMatchObject({ code: 0, out: `${job.id}\n` })
    expect(await textOf(other, job.id, 'log.txt')).toBe('hello\n')

    const again = await plotline(['import', `${job.id}.tar`], other)
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('delete it and import again')
    await other.api('DELETE', `/api/v1/jobs/${job.id}`)
  })

  it('takes secrets along when told to, and pipes from one server to the next', async () => {
    const script = `node "$BIN" export ${job.id} --with-secrets -o - | PLOTLINE_URL=${other.url} PLOTLINE_API_KEY=${other.key} node "$BIN" import --json -`
    const { stdout, stderr, status } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      cwd: home,
      env: { ...surroundings(home, server), BIN },
    })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect((JSON.parse(stdout) as { jobs: Job[] }).jobs.map(({ id }) => id)).toEqual([job.id])
    expect(await secretOf(other, job.id)).toContain(SECRET)
    await other.api('DELETE', `/api/v1/jobs/${job.id}`)
  })

  it('imports the good ones of several files, and names the bad ones', async () => {
    await plotline(['export', job.id, '-o', 'good.tar'])
    writeFileSync(join(home, 'bad.tar'), 'nothing of the kind')
    const half = readFileSync(join(home, 'good.tar'))
    writeFileSync(join(home, 'half.tar'), half.subarray(0, half.length / 2))
    const { out, err, code } = await plotline(
      ['import', 'missing.tar', 'bad.tar', 'half.tar', 'good.tar'],
      other,
    )
    expect({ out, code }).toEqual({ out: `${job.id}\n`, code: 1 })
    expect(err).toContain(`There is no file ${join(home, 'missing.tar')}.\n`)
    for (const name of ['bad.tar', 'half.tar']) expect(err).toMatch(new RegExp(`^${name}: .+`, 'm'))
  })

  it('leaves no file behind for a job that is not there', async () => {
    expect(await plotline(['export', 'jnosuchjob000'])).toMatchObject({ code: 1, out: '' })
    expect(readdirSync(home).filter((name) => name.startsWith('jnosuchjob'))).toEqual([])
  })
})

async function expectSame(id: string, copy: TestServer): Promise<void> {
  const { bytes: _was, ...before } = await server.job(id)
  const { bytes: _is, ...after } = await copy.job(id)
  expect(after).toEqual(before)
  for (const path of ['metrics.csv', 'log.txt'])
    expect(await textOf(copy, id, path), path).toBe(await textOf(server, id, path))
  expect(await copy.metrics(id)).toEqual(await server.metrics(id))
  for (const part of ['artifacts', 'workspace'])
    expect(treeOf(join(copy.dataDir, 'jobs', id, part))).toEqual(
      treeOf(join(server.dataDir, 'jobs', id, part)),
    )
}

async function summaryOf(args: readonly string[]): Promise<BackupSummary> {
  const { out, err, code } = await plotline(args)
  expect({ code, err: err.replaceAll(/^\[.*\n/gm, '') }).toEqual({ code: 0, err: '' })
  return JSON.parse(out) as BackupSummary
}

/** What the archive of the job, with its secrets, holds as text. */
async function secretOf({ url, key }: TestServer, id: string | undefined): Promise<string> {
  const response = await fetch(`${url}/api/v1/jobs/${id}/export?secrets=true`, {
    headers: { 'x-api-key': key },
  })
  return Buffer.from(await response.arrayBuffer()).toString('latin1')
}

async function textOf({ url, key }: TestServer, id: string, path: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/jobs/${id}/${path}`, {
    headers: { 'x-api-key': key },
  })
  return response.text()
}

const modeOf = (...path: string[]): number => statSync(join(home, ...path)).mode & 0o777

/** Every file with its bytes and mode, every link with its target, every folder. */
function treeOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
  return Object.fromEntries(entries.map((name) => [name, contentOf(join(folder, name))]))
}

function contentOf(path: string): string {
  const stats = lstatSync(path)
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`
  const mode = (stats.mode & 0o777).toString(8)
  return stats.isDirectory() ? `${mode}/` : `${mode} ${readFileSync(path).toString('base64')}`
}

/** About 200 samples of one metric and 4 of another in each second, until it is stopped. */
function startLoad(id: string): { stop(): void } {
  let sent = 0
  const timer = setInterval(() => {
    const slow = sent % 50 === 0 ? `\nslow:${sent}|g|#container_name:${id}` : ''
    void server.send(`fast:${sent}|g|#container_name:${id}${slow}`)
    sent += 1
  }, 5)
  return { stop: () => clearInterval(timer) }
}
