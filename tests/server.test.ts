import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { request } from 'node:http'
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { spareDataFolder, withServer } from './lib/data-folder.ts'
import { BIN, eventually, ROOT, type TestServer } from './lib/server.ts'

let server: TestServer
withServer((started) => (server = started))

describe('plotline serve', () => {
  it('keeps its key for its user alone', () => {
    expect(statSync(join(server.dataDir, 'api-key')).mode & 0o777).toBe(0o600)
  })

  it.each<[string, () => readonly string[], number, RegExp]>([
    [
      'a data folder in use',
      () => ['--data', server.dataDir],
      1,
      /Another Plotline server uses the data folder/,
    ],
    [
      'a data folder that is a file',
      () => ['--data', join(ROOT, 'package.json')],
      1,
      /cannot be written.*--data DIR/,
    ],
    [
      'a port that is no number',
      () => ['--port', 'http'],
      2,
      /--port must be a port from 0 to 65535/,
    ],
    ['an unknown flag', () => ['--prot', '1'], 2, /--prot.*serve --help/],
    [
      'a config file that is missing',
      () => ['--config', '/nowhere.json'],
      2,
      /\/nowhere\.json cannot be read/,
    ],
    [
      'an address of another machine',
      () => ['--data', spareDataFolder().dir, '--host', '192.0.2.1'],
      1,
      /no address 192\.0\.2\.1/,
    ],
  ])('ends with one clear line on %s', (_what, flags, code, text) => {
    const { status, stderr } = serve(['--port', '0', '--statsd-port', '0', ...flags()])
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(text)
    expect(status).toBe(code)
  })

  it('names the taken port and the way out', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((done) => taken.once('listening', done))
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { status, stderr } = serve([
      '--data',
      spareDataFolder().dir,
      '--statsd-port',
      '0',
      '--port',
      String(port),
    ])
    taken.close()
    expect(stderr).toBe(
      `plotline serve: 127.0.0.1:${port} is taken by another program. Give another one with --port PORT (0 picks a free one).\n`,
    )
    expect(status).toBe(1)
  })

  it('names the taken StatsD port', () => {
    const flags = [
      '--data',
      spareDataFolder().dir,
      '--port',
      '0',
      '--statsd-port',
      String(server.statsd.port),
    ]
    const { status, stderr } = serve(flags)
    expect(stderr).toMatch(/is taken by another program\. Give another one with --statsd-port PORT/)
    expect(status).toBe(1)
  })

  it('tells of a folder that it may not write', () => {
    const spare = spareDataFolder().dir
    chmodSync(spare, 0o500)
    if (process.getuid?.() === 0) writeFileSync(join(spare, 'jobs'), '') // root may write anywhere: a file in the way instead
    const { status, stderr } = serve(['--data', spare, '--port', '0', '--statsd-port', '0'])
    chmodSync(spare, 0o700)
    expect(stderr).toMatch(/cannot be written/)
    expect(status).toBe(1)
  })

  it('goes on when nobody reads any more what it says, and stops clean', async () => {
    const dir = spareDataFolder().dir
    const child = spawn(
      process.execPath,
      [BIN, 'serve', '--data', dir, '--port', '0', '--statsd-port', '0'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    child.stdout.destroy()
    child.stderr.destroy()
    const ended = new Promise((done) => child.once('exit', done))
    // Some time after that it says that it is ready.
    await eventually(
      () => existsSync(join(dir, 'hot.db')),
      (isThere) => isThere,
    )
    await new Promise((done) => setTimeout(done, 1500))
    child.kill('SIGTERM')
    const code = await Promise.race([ended, new Promise((done) => setTimeout(done, 8000))])
    child.kill('SIGKILL')
    expect(code).toBe(0)
  })

  it('prints its usage and ends well', () => {
    const { status, stdout } = serve(['--help'])
    expect(stdout).toContain('--statsd-port PORT')
    expect(status).toBe(0)
  })

  it('stops clean on SIGTERM and starts again on the same folder', async () => {
    const spare = spareDataFolder()
    const first = await spare.start()
    expect(await first.stop()).toBe(0)
    const second = await spare.start()
    expect(second.key).toBe(first.key)
    expect(await second.stop('SIGINT')).toBe(0)
  })
})

describe('the guard', () => {
  it.each([
    ['no key', {}, 401],
    ['a wrong key', { 'x-api-key': 'wrong' }, 401],
    ['the key', { 'x-api-key': 'KEY' }, 200],
    ['the key as Bearer', { authorization: 'Bearer KEY' }, 200],
    ['the key under a foreign name', { 'x-api-key': 'KEY', host: 'evil.example' }, 403],
    ['a made-up cookie', { cookie: 'plotline_PORT=1.abc' }, 401],
    ['the cookie', { cookie: 'COOKIE' }, 200],
    ['the cookie from another site', { cookie: 'COOKIE', origin: 'http://evil.example' }, 403],
    ['the cookie by a foreign fetch', { cookie: 'COOKIE', 'sec-fetch-site': 'cross-site' }, 403],
    ['the cookie from another port', { cookie: 'COOKIE', 'sec-fetch-site': 'same-site' }, 403],
  ])('answers a reader with %s', async (_what, headers, status) => {
    expect((await ask('GET', '/api/v1/jobs', await fill(headers))).status).toBe(status)
  })

  it.each([
    ['from nowhere', { cookie: 'COOKIE' }, 403],
    ['from its own page', { cookie: 'COOKIE', origin: 'URL' }, 404],
    ['from another site', { cookie: 'COOKIE', origin: 'http://evil.example' }, 403],
    ['from a sandboxed frame', { cookie: 'COOKIE', origin: 'null' }, 403],
  ])('lets a cookie change things only %s', async (_what, headers, status) => {
    expect((await ask('DELETE', '/api/v1/jobs/jaaaaaaaaaaaa', await fill(headers))).status).toBe(
      status,
    )
  })

  it.each([
    '/api/v1/jobs',
    '/api/v1/server',
    '/metrics',
    '/api/v1/openapi.json',
    '/api/v1/jobs/j1/log.txt',
  ])('closes %s to strangers', async (path) => {
    expect((await ask('GET', path, {})).status).toBe(401)
  })

  it.each(['/healthz', '/', '/jobs/jaaaaaaaaaaaa/metrics'])(
    'leaves %s open, since it holds nothing',
    async (path) => {
      expect((await ask('GET', path, { accept: 'text/html' })).status).toBe(200)
    },
  )

  it('gives no cookie for a wrong key', async () => {
    const { status } = await server.api('POST', '/api/v1/session', { key: 'wrong' })
    expect(status).toBe(401)
  })

  it('refuses a live socket to strangers', async () => {
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    }
    expect((await ask('GET', '/api/v1/live', upgrade)).status).toBe(401)
    const foreign = await fill({ ...upgrade, cookie: 'COOKIE', origin: 'http://evil.example' })
    expect((await ask('GET', '/api/v1/live', foreign)).status).toBe(403)
  })
})

describe('the API', () => {
  it('answers what it does not know with the one error body', async () => {
    expect(await server.api('GET', '/api/v1/nothing')).toEqual({
      status: 404,
      body: { error: { code: 'NOT_FOUND', message: 'There is nothing at GET /api/v1/nothing.' } },
    })
    expect(await server.api('GET', '/api/v1/jobs?limit=0')).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_REQUEST', details: [{ field: 'limit' }] } },
    })
    expect(await server.api('GET', '/api/v1/jobs/jaaaaaaaaaaaa')).toMatchObject({
      status: 404,
      body: { error: { code: 'JOB_NOT_FOUND' } },
    })
  })

  it('describes itself', async () => {
    const { body } = await server.api<{ paths: object }>('GET', '/api/v1/openapi.json')
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/jobs',
        '/api/v1/jobs/{id}',
        '/api/v1/jobs/{id}/metrics/data',
      ]),
    )
    const info = await server.api('GET', '/api/v1/server')
    expect(info.body).toMatchObject({
      version: expect.stringMatching(/^\d/),
      statsd: server.statsd,
      dataDir: server.dataDir,
    })
  })
})

function serve(flags: readonly string[]) {
  return spawnSync(process.execPath, [BIN, 'serve', ...flags], {
    encoding: 'utf8',
    timeout: 20_000,
  })
}

/** KEY, COOKIE, PORT and URL in the headers of a table stand for those of the server under test. */
async function fill(headers: Record<string, string>): Promise<Record<string, string>> {
  const cookie = await sessionCookie()
  const { port } = new URL(server.url)
  const filled = (value: string) =>
    value
      .replace('KEY', server.key)
      .replace('COOKIE', cookie)
      .replace('PORT', port)
      .replace('URL', server.url)
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)]))
}

async function sessionCookie(): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: server.key }),
  })
  const cookie = response.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/^plotline_\d+=.*; Path=\/; HttpOnly; SameSite=Strict/)
  return cookie.split(';')[0] ?? ''
}

/** Unlike fetch it sends the headers as they are given, Host and Origin too. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number }> {
  return new Promise((done, fail) => {
    const call = request(new URL(path, server.url), { method, headers }, (response) => {
      response.resume()
      response.on('end', () => done({ status: response.statusCode ?? 0 }))
    })
    call.on('upgrade', (_response, socket) => {
      socket.destroy()
      done({ status: 101 })
    })
    call.on('error', fail)
    call.end()
  })
}
