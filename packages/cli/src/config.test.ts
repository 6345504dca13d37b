import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findServer, isLoopback, loginFile, serverUrl, writeLogin } from './config.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plotline-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const keep = (dataFolder: string, key: string): void => {
  mkdirSync(dataFolder, { recursive: true })
  writeFileSync(join(dataFolder, 'api-key'), `${key}\n`)
}

describe('findServer', () => {
  it('takes flags before the environment before the stored login before this machine', () => {
    const home = { XDG_CONFIG_HOME: folder }
    const environment = { ...home, PLOTLINE_URL: 'env:1', PLOTLINE_API_KEY: 'of-env' }
    keep(join(folder, 'data'), 'of-data')
    expect(findServer({}, home, folder)).toMatchObject({
      url: 'http://127.0.0.1:8400',
      apiKey: 'of-data',
    })
    writeLogin(loginFile(home), { url: 'https://stored', apiKey: 'of-login' })
    expect(findServer({}, home, folder)).toMatchObject({
      url: 'https://stored',
      apiKey: 'of-login',
    })
    expect(findServer({}, environment, folder)).toMatchObject({
      url: 'http://env:1',
      apiKey: 'of-env',
    })
    expect(findServer({ url: 'flag', apiKey: 'of-flag' }, environment, folder)).toMatchObject({
      url: 'http://flag',
      apiKey: 'of-flag',
    })
  })

  it('gives a stored key to no other server, and a key of a data folder to no other machine', () => {
    const home = { XDG_CONFIG_HOME: folder }
    keep(join(folder, 'data'), 'of-data')
    writeLogin(loginFile(home), { url: 'https://stored', apiKey: 'of-login' })
    expect(findServer({ url: 'https://other' }, home, folder).apiKey).toBeUndefined()
    expect(findServer({ url: 'http://localhost:9' }, home, folder).apiKey).toBe('of-data')
  })

  it('prefers the data folder that PLOTLINE_DATA names', () => {
    keep(join(folder, 'data'), 'here')
    keep(join(folder, 'elsewhere'), 'there')
    const environment = { XDG_CONFIG_HOME: folder, PLOTLINE_DATA: join(folder, 'elsewhere') }
    expect(findServer({}, environment, folder)).toMatchObject({
      apiKey: 'there',
      keySource: join(folder, 'elsewhere', 'api-key'),
    })
  })

  it('says what is wrong with a login that cannot be read', () => {
    const home = { XDG_CONFIG_HOME: folder }
    mkdirSync(join(folder, 'plotline'))
    writeFileSync(loginFile(home), '{"url":')
    expect(() => findServer({}, home, folder)).toThrow('cannot be understood')
  })
})

describe('writeLogin', () => {
  it('closes a file that others could read', () => {
    const file = join(folder, 'plotline', 'config.json')
    writeLogin(file, { url: 'a', apiKey: 'b' })
    rmSync(file)
    writeFileSync(file, '{}', { mode: 0o644 })
    writeLogin(file, { url: 'a', apiKey: 'c' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url: 'a', apiKey: 'c' })
  })
})

describe('serverUrl', () => {
  it.each([
    ['localhost:8400', 'http://localhost:8400'],
    ['https://a.example/plots/', 'https://a.example/plots'],
    ['HTTP://A.example', 'http://a.example'],
    ['[::1]:8400', 'http://[::1]:8400'],
  ])('reads %s', (text, url) => {
    expect(serverUrl(text)).toBe(url)
  })

  it.each([[''], ['ftp://a'], ['http://'], ['a b']])('refuses %j', (text) => {
    expect(() => serverUrl(text)).toThrow('is not the address of a server')
  })
})

describe('isLoopback', () => {
  it.each([
    ['http://127.0.0.1:8400', true],
    ['http://127.1.2.3', true],
    ['http://[::1]:1', true],
    ['http://localhost', true],
    ['http://127.0.0.1.example.org', false],
    ['http://10.0.0.1', false],
  ])('knows of %s: %s', (url, expected) => {
    expect(isLoopback(url)).toBe(expected)
  })
})
