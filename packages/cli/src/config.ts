import { DEFAULT_PORT } from '@plotline/api'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseJson } from './parse-json.ts'
import { badInput, failed } from './problem.ts'

export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`
export const KEY_FILE = 'api-key'
export const OWNER_ONLY = 0o600
export const OWNER_ONLY_FOLDER = 0o700

export type Environment = Readonly<Record<string, string | undefined>>

/** The one place that reads the environment; everything else gets it as an argument. */
export const processEnvironment = (): Environment => process.env

const StoredLogin = Type.Object({ url: Type.String(), apiKey: Type.String() })
export type StoredLogin = Static<typeof StoredLogin>

export interface ServerFlags {
  readonly url?: string
  readonly apiKey?: string
}

export interface ServerAddress {
  readonly url: string
  /** Absent where none was found: the server will say that it wants one. */
  readonly apiKey: string | undefined
  /** Where the key came from, for the sentence that tells that it was refused. */
  readonly keySource: string
}

interface KeySource {
  readonly name: string
  readonly read: () => string | undefined
}

/**
 * Flags, then PLOTLINE_URL and PLOTLINE_API_KEY, then the stored login, then this machine's default address with the key of its
 * data folder. A stored key goes only to the server that it was stored for, a data folder's only to this machine.
 */
export function findServer(
  flags: ServerFlags,
  environment: Environment,
  folder: string,
): ServerAddress {
  const login = readLogin(loginFile(environment))
  const url = serverUrl(
    flags.url ?? filled(environment['PLOTLINE_URL']) ?? login?.url ?? DEFAULT_URL,
  )
  const key = keySources(url, flags, environment, login, folder)
  for (const { name, read } of key) {
    const apiKey = read()
    if (apiKey !== undefined) return { url, apiKey, keySource: name }
  }
  return { url, apiKey: undefined, keySource: 'nowhere' }
}

function keySources(
  url: string,
  flags: ServerFlags,
  environment: Environment,
  login: StoredLogin | undefined,
  folder: string,
): KeySource[] {
  const sources: KeySource[] = [
    { name: '--api-key', read: () => flags.apiKey },
    { name: 'PLOTLINE_API_KEY', read: () => filled(environment['PLOTLINE_API_KEY']) },
  ]
  if (login !== undefined && serverUrl(login.url) === url)
    sources.push({ name: loginFile(environment), read: () => login.apiKey })
  if (!isLoopback(url)) return sources

  const dataFolder = filled(environment['PLOTLINE_DATA'])
  const folders = [...(dataFolder === undefined ? [] : [dataFolder]), join(folder, 'data')]
  return [
    ...sources,
    ...folders
      .map((path) => join(path, KEY_FILE))
      .map((path) => ({
        name: path,
        read: () => filled(readIfThere(path)?.trim()),
      })),
  ]
}

/** A server's address as all requests build on it: a scheme, no "/" at the end. */
export function serverUrl(text: string): string {
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`
  if (!URL.canParse(full) || !/^https?:/i.test(full))
    throw badInput(`"${text}" is not the address of a server. Write it like ${DEFAULT_URL}.`)
  const url = new URL(full)
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** Whether the server is this machine, so that its folders are ours. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/** Where `plotline login` keeps its address and key. */
export function loginFile(environment: Environment): string {
  const base = filled(environment['XDG_CONFIG_HOME']) ?? join(homedir(), '.config')
  return join(base, 'plotline', 'config.json')
}

/** Stores the login so that only its owner can read it, whole or not at all. */
export function writeLogin(file: string, login: StoredLogin): void {
  mkdirSync(dirname(file), { recursive: true, mode: OWNER_ONLY_FOLDER })
  const fresh = `${file}.${process.pid}.new`
  writeFileSync(fresh, `${JSON.stringify(login, undefined, 2)}\n`, { mode: OWNER_ONLY })
  chmodSync(fresh, OWNER_ONLY)
  renameSync(fresh, file)
}

function readLogin(file: string): StoredLogin | undefined {
  const text = readIfThere(file)
  if (text === undefined) return undefined
  const login = parseJson(text)
  if (Value.Check(StoredLogin, login)) return login
  throw failed(`${file} cannot be understood. Write it anew with: plotline login URL KEY`)
}

/** Undefined also where the file may not be read: the next place may hold a key. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const filled = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
