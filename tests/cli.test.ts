import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Job, JobMetrics, JobPage, LogLine } from '@plotline/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plotlineIn, surroundings, type Environment, type Outcome } from './lib/command-line.ts'
import { spareDataFolder, withServer } from './lib/data-folder.ts'
import { withFolder } from './lib/folder.ts'
import { BIN, eventually, type TestServer } from './lib/server.ts'

const RULE = 'Names may contain only letters a-z and A-Z, digits 0-9, "_" and "-".'

let server: TestServer
let home: string
withServer((started) => (server = started))
withFolder((made) => (home = made))
const running = new Set<ChildProcess>()
afterAll(() => running.forEach((child) => child.kill('SIGKILL')))

describe.concurrent('plotline run', () => {
  it('streams both outputs, names the job and its graphs, and exits with its code', async () => {
    const { out, err, code } = await outcome(
      start([
        'run',
        '--metrics',
        'loss, acc',
        '--name',
        'first',
        '--env',
        'WORD=hello',
        '--',
        'sh',
        '-c',
        'echo "$WORD $1"; echo oops >&2; exit 3',
        'sh',
        '--json',
      ]),
    )
    expect(code).toBe(3)
    expect(out).toBe('hello --json\n')
    const [, id = ''] = /^job (j[a-z0-9]{12}) first\n/.exec(err) ?? []
    expect(err).toContain(`${server.url}/jobs/${id}/metrics\n`)
    expect(err).toContain('oops\n')
    expect(await server.job(id)).toMatchObject({
      customMetrics: ['loss', 'acc'],
      workspace: home,
      state: 'Failed',
    })
  })

  it.each([
    ['true', 'Stopped', 0],
    ['no-such-program-here', 'Error', 1],
  ])('ends %s as %s with exit code %i', async (command, state, expected) => {
    const { err, code } = await plotline(['run', '--', command])
    expect(code).toBe(expected)
    expect(err).toMatch(new RegExp(`job j[a-z0-9]{12} ${state}`))
  })

  it('refuses bad names in the words of the API, a line each, and submits nothing', async () => {
    const { out, err, code } = await plotline([
      'run',
      '--name',
      'refused',
      '--metrics',
      'ok,loss.val,',
      '--',
      'true',
    ])
    expect({ out, code }).toEqual({ out: '', code: 2 })
    expect(err).toBe(
      `Metric name "loss.val" contains "." ${RULE}\nMetric name "" is empty. ${RULE}\n`,
    )
    const { body } = await server.api<JobPage>('GET', '/api/v1/jobs?q=refused')
    expect(body.jobs).toEqual([])
  })

  it('stops the job and waits for it when it is interrupted where nobody can be asked', async () => {
    const child = start(['run', '--', 'sleep', '60'])
    const id = await idOf(child)
    await eventually(() => server.job(id), isRunning)
    child.process.kill('SIGINT')
    expect(await child.ended).toBe(130)
    expect((await server.job(id)).state).toBe('Cancelled')
  })

  it('loses and repeats no line of the log when the server dies and comes back', async ({
    onTestFinished,
  }) => {
    const data = spareDataFolder(onTestFinished)
    const first = await data.start()
    const command = 'i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 7'
    const child = start(['run', '--', 'sh', '-c', command], {
      PLOTLINE_URL: first.url,
      PLOTLINE_API_KEY: first.key,
    })
    await eventually(child.out, (text) => text.includes('5\n'))
    await first.stop('SIGKILL')
    await eventually(child.err, (text) => text.includes('Lost the connection'))
    await data.start(['--port', new URL(first.url).port])
    expect(await child.ended).toBe(7)
    expect(child.out().trim().split('\n').map(Number)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    )
    expect(child.err()).toContain('Connected again.')
  })

  it('prints the id alone with --detach, and speaks JSON with --json', async () => {
    const detached = await plotline(['run', '--detach', '--', 'true'])
    expect(detached.out).toMatch(/^j[a-z0-9]{12}\n$/)
    const { out, code } = await plotline([
      'run',
      '--json',
      '--',
      'sh',
      '-c',
      'echo hi; echo ho >&2',
    ])
    const messages = jsonLines<{ type: string; job?: Job; line?: LogLine }>(out)
    expect(code).toBe(0)
    expect(messages.at(0)?.job?.state).toBe('Pending')
    expect(
      messages.flatMap(({ line }) => (line ? [`${line.stream}: ${line.text}`] : [])).toSorted(),
    ).toEqual(['stderr: ho', 'stdout: hi'])
    expect(messages.findLast(({ type }) => type === 'job')?.job?.state).toBe('Stopped')
  })

  it.each([
    ['s', 130, 'Cancelled'],
    ['d', 0, 'Running'],
    ['\u0003', 0, 'Running'],
  ])('asks at Ctrl-C on a terminal: %j exits with %i, the job is %s', async (key, code, state) => {
    const child = startOnTerminal(['run', '--', 'sleep', '60'])
    const id = await idOf(child)
    await eventually(() => server.job(id), isRunning)
    child.process.stdin?.write('\u0003')
    await eventually(child.out, (text) => text.includes('Stop the job (s)'))
    child.process.stdin?.write(key)
    expect(await child.ended).toBe(code)
    expect((await server.job(id)).state).toBe(state)
    if (state === 'Running') await plotline(['jobs', 'stop', id])
  })
})

describe.concurrent('plotline jobs', () => {
  it('creates from a line or from words, and lists what was asked for', async () => {
    const line = await plotline(['jobs', 'create', '--tag', 'cli', 'echo $((1+1)) | tr 2 3'])
    const words = await plotline(['jobs', 'create', '--tag', 'cli', '--', 'echo', '$HOME | x'])
    const ids = [line.out.trim(), words.out.trim()]
    await Promise.all(ids.map((id) => eventually(() => server.job(id), isStopped)))
    expect((await plotline(['jobs', 'logs', ids[0] ?? ''])).out).toBe('3\n')
    expect((await plotline(['jobs', 'logs', ids[1] ?? ''])).out).toBe('$HOME | x\n')

    const table = await plotline([
      'jobs',
      'list',
      '--tag',
      'cli',
      '--state',
      'STOPPED',
      '--sort',
      'created',
    ])
    const [head = '', ...rows] = table.out.trim().split('\n')
    expect(head.split(/ {2,}/)).toEqual(['STATE', 'ID', 'NAME', 'METRICS', 'STARTED', 'DURATION'])
    expect(rows.map((row) => row.split(/ +/)[1])).toEqual(ids)
    const one = await plotline(['jobs', 'list', '--tag', 'cli', '--limit', '1'])
    expect(one.err).toBe('1 of 2 jobs. All of them: --all\n')
    const all = await plotline(['jobs', 'list', '--tag', 'cli', '--all', '--json'])
    expect((JSON.parse(all.out) as JobPage).jobs.map(({ id }) => id)).toEqual(ids.toReversed())
  })

  it('prints, cuts and follows a log', async () => {
    const { id } = await server.submit({ command: 'seq 5; sleep 1; echo end >&2' })
    const follow = plotline(['jobs', 'logs', id, '-f', '--tail', '2'])
    await eventually(() => server.job(id), isStopped)
    expect((await plotline(['jobs', 'logs', id])).out).toBe('1\n2\n3\n4\n5\nend\n')
    expect((await plotline(['jobs', 'logs', id, '--tail', '2'])).out).toBe('5\nend\n')
    expect((await plotline(['jobs', 'logs', id, '--timestamps'])).out).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z 1\n/,
    )
    expect((await follow).out).toMatch(/end\n$/)
  })

  it('stops, clones and deletes', async () => {
    const { id } = await server.submit({ command: 'sleep 60', name: 'long' })
    await eventually(() => server.job(id), isRunning)
    const stopped = await plotline(['jobs', 'stop', id])
    expect(stopped).toMatchObject({ code: 0, err: '' })
    await eventually(
      () => server.job(id),
      ({ state }) => state === 'Cancelled',
    )
    expect(await plotline(['jobs', 'stop', id])).toMatchObject({
      code: 1,
      err: `Job "${id}" is not running: its state is Cancelled.\n`,
    })

    const clone = (await plotline(['jobs', 'clone', id])).out.trim()
    expect(await server.job(clone)).toMatchObject({ parentId: id, command: 'sleep 60' })
    expect(await plotline(['jobs', 'delete', id])).toMatchObject({ code: 2, out: '' })
    const deleted = await plotline(['jobs', 'delete', id, clone, 'jnosuchjob000', '--yes'])
    expect(deleted.out).toMatch(
      /^Deleted j\w+: [\d.]+ k?B freed\.\nDeleted j\w+: [\d.]+ k?B freed\.\n$/,
    )
    expect(deleted).toMatchObject({
      code: 1,
      err: 'No job has the id "jnosuchjob000". It may have been deleted.\n',
    })
  })
})

describe('plotline metrics', () => {
  let id: string
  beforeAll(async () => {
    const job = await server.submit({ command: 'sleep 60', customMetrics: ['loss', 'steps'] })
    id = job.id
    await eventually(() => server.job(id), isRunning)
    await server.send(`loss:0.5|g|#container_name:${id}\nsteps:2|c|#container_name:${id}`)
    await eventually(() => server.metrics(id), isComplete)
  })

  it('lists, prints and exports', async () => {
    const { out } = await plotline(['metrics', 'list', id])
    expect(out).toMatch(/^loss +gauge +0\.5 +0\.5 +0\.5 +0\.5 +1 +/m)
    const got = await plotline(['metrics', 'get', id, '--names', 'steps', '--from', '1h'])
    expect(got.out).toMatch(/^METRIC .*\nsteps +\S+Z +2 +2 +2 +2 +1\n$/)
    expect((await plotline(['metrics', 'get', id, '--to', '1h'])).err).toBe('No samples.\n')

    const csv = await plotline(['metrics', 'export', id])
    expect(csv.out).toMatch(/^t,name,type,last,min,max,mean,count\n\d+,loss,gauge,0\.5,/)
    const rows = await plotline(['metrics', 'export', id, '--names', 'steps', '--json'])
    expect(JSON.parse(rows.out)).toMatchObject({ name: 'steps', type: 'counter', last: 2 })
    await plotline(['metrics', 'export', id, '-o', 'out.csv'])
    expect(readFileSync(join(home, 'out.csv'), 'utf8')).toBe(csv.out)
  })

  it('streams each change until the job is over, and draws lines on a terminal', async () => {
    const stream = start(['metrics', 'stream', id, '--json'])
    const watch = startOnTerminal(['metrics', 'stream', id, '--watch'])
    await eventually(stream.out, (text) => jsonLines(text).length === 2)
    await eventually(watch.out, (text) => text.includes('▄'))
    await server.send(`steps:3|c|#container_name:${id}`)
    await eventually(stream.out, (text) => jsonLines(text).length === 3)
    await eventually(watch.out, (text) => text.includes('▁█'))
    await server.api('POST', `/api/v1/jobs/${id}/stop`)
    expect(await stream.ended).toBe(0)
    expect(await watch.ended).toBe(0)
    expect(jsonLines(stream.out()).at(-1)).toMatchObject({ name: 'steps', last: 5 })
    expect(watch.out()).toContain('\u001b[?25h')
  })
})

describe('plotline login', () => {
  it('stores what proved right, for its owner alone, and is found afterwards', async () => {
    const bare = { PLOTLINE_URL: '', PLOTLINE_API_KEY: '' }
    const file = join(home, 'config', 'plotline', 'config.json')
    const wrong = await plotline(['login', server.url, 'wrong'], bare)
    expect(wrong).toMatchObject({ code: 1 })
    expect(wrong.err).toContain('refused the API key')
    expect(() => statSync(file)).toThrow()

    expect(await plotline(['login', `${server.url}/`, server.key], bare)).toMatchObject({
      code: 0,
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await plotline(['jobs', 'list', '--limit', '1'], bare)).toMatchObject({ code: 0 })
    expect((await plotline(['login'], bare)).out).toBe(`${server.url}/#key=${server.key}\n`)
    rmSync(file)
  })
})

describe('plotline', () => {
  it('names the address and the way out where no server answers', async () => {
    const { err, code } = await plotline(['--url', 'http://127.0.0.1:9', 'jobs', 'list'])
    expect(code).toBe(1)
    expect(err).toBe(
      'No Plotline server answers at http://127.0.0.1:9. Start one with: npx plotline serve --port 9\n',
    )
  })

  it.each([
    [['jobs', 'list', '--bogus'], "unknown option '--bogus'"],
    [['jobs', 'list', '--limit', '0'], 'whole number above 0'],
    [['jobs', 'list', '--state', 'bogus'], 'There is no job state "bogus".'],
    [['metrics', 'get', 'jx', '--from', 'noon'], 'It must be a time'],
    [['run', '--env', 'NOT_SET_HERE', '--', 'true'], 'Write it as NAME=VALUE.'],
    [['nonsense'], 'nonsense'],
    [['--url', 'ftp://x', 'jobs', 'list'], 'is not the address of a server'],
  ])('answers %j with exit code 2 and one clear line', async (args, text) => {
    const { err, code } = await plotline(args)
    expect(code).toBe(2)
    expect(err).toContain(text)
  })

  it('finds the key in ./data and in the folder that PLOTLINE_DATA names', async () => {
    const { err, code } = await plotline(['jobs', 'list'], { PLOTLINE_API_KEY: '' })
    expect(code).toBe(1)
    expect(err).toContain('wants an API key, and none was found')
    const named = { PLOTLINE_API_KEY: '', PLOTLINE_DATA: server.dataDir }
    expect(await plotline(['jobs', 'list'], named)).toMatchObject({ code: 0 })
  })

  it('completes commands and flags in bash', async () => {
    const { out } = await plotline(['completion', 'bash'])
    const script = `${out}\nCOMP_WORDS=(plotline jobs list --st); COMP_CWORD=3; _plotline; echo "\${COMPREPLY[@]}"
COMP_WORDS=(plotline metrics e); COMP_CWORD=2; _plotline; echo "\${COMPREPLY[@]}"`
    expect((await execute('bash', ['-c', script])).out).toBe('--state\nexport\n')
  })
})

interface Child {
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  readonly out: () => string
  readonly err: () => string
}

const isRunning = ({ state }: Job): boolean => state === 'Running'
const isStopped = ({ state }: Job): boolean => state === 'Stopped'
const isComplete = ({ metrics }: JobMetrics): boolean => metrics.every(({ samples }) => samples > 0)
const jsonLines = <T = unknown>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

const plotline = (args: readonly string[], environment: Environment = {}): Promise<Outcome> =>
  plotlineIn(home, { ...surroundings(home, server), ...environment }, args)

const execute = (file: string, args: readonly string[]): Promise<Outcome> =>
  outcome(begin(file, args, {}))

async function outcome(child: Child): Promise<Outcome> {
  const code = await child.ended
  return { out: child.out(), err: child.err(), code }
}

const start = (args: readonly string[], environment: Environment = {}): Child =>
  begin(process.execPath, [BIN, ...args], environment)

/** A terminal of its own, so that there is somebody to ask; both outputs come as one. */
const startOnTerminal = (args: readonly string[]): Child =>
  begin(
    'python3',
    [
      '-c',
      'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))',
      process.execPath,
      BIN,
      ...args,
    ],
    {},
  )

function begin(file: string, args: readonly string[], environment: Environment): Child {
  const child = spawn(file, args, {
    cwd: home,
    env: { ...surroundings(home, server), ...environment },
  })
  running.add(child)
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = new Promise<number | null>((done) =>
    child.once('close', (code) => {
      running.delete(child)
      done(code)
    }),
  )
  return { process: child, ended, out: () => out, err: () => err }
}

/** The id that `run` prints first, on standard error or on its terminal. */
async function idOf(child: Child): Promise<string> {
  const text = await eventually(
    () => child.err() + child.out(),
    (said) => /job j[a-z0-9]{12} /.test(said),
  )
  return /job (j[a-z0-9]{12}) /.exec(text)?.[1] ?? ''
}
