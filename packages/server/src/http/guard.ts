import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { PlotlineError } from '../errors.ts'

const SESSION_DAYS = 30
const DAY_MS = 86_400_000

export interface Guard {
  /** Throws unless the request may pass. `open`: no key is needed, the Host must be right all the same. */
  check(request: IncomingMessage, open: boolean): void
  /** The Set-Cookie value that stands for the key in a browser. Throws UNAUTHORIZED for a wrong key. */
  startSession(key: string, request: IncomingMessage): string
  endSession(request: IncomingMessage): string
}

/**
 * The one guard of all routes and of the WebSocket. A caller proves itself by the API key (scripts) or by the page's cookie
 * (browsers). The Host must be one of ours, since a name that an attacker points at 127.0.0.1 would make their page same-origin
 * (DNS rebinding); an IP address cannot be pointed elsewhere.
 */
export function openGuard(
  apiKey: string,
  allowedHosts: readonly string[],
  clock: () => number,
): Guard {
  return {
    check(request, open) {
      checkHost(request.headers, allowedHosts)
      if (open || hasKey(request.headers, apiKey)) return
      if (!hasSession(request, apiKey, clock())) throw unauthorized()
      checkOrigin(request)
    },
    startSession(key, request) {
      if (!isSame(key, apiKey)) throw wrongKey()
      return sessionCookie(request, sessionToken(apiKey, clock()), SESSION_DAYS * 86_400)
    },
    endSession: (request) => sessionCookie(request, '', 0),
  }
}

function checkHost({ host = '' }: IncomingHttpHeaders, allowedHosts: readonly string[]): void {
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase()
  if (
    isIP(name) > 0 ||
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    allowedHosts.includes(name)
  )
    return
  throw new PlotlineError(
    'HOST_NOT_ALLOWED',
    `The name "${name}" is not one of this server's. Start it with --allowed-hosts ${name || 'NAME'} if it should be.`,
  )
}

function hasKey(headers: IncomingHttpHeaders, apiKey: string): boolean {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  const given = headers['x-api-key'] ?? bearer
  return typeof given === 'string' && isSame(given, apiKey)
}

/** A browser sends the cookie whoever wrote the page: only our own page may act with it, others may at most be followed to us. */
function checkOrigin(request: IncomingMessage): void {
  const { origin, host, upgrade, 'sec-fetch-site': site } = request.headers
  if (origin !== undefined ? hostOf(origin) === host : site === 'same-origin') return
  const isLooking = (request.method === 'GET' || request.method === 'HEAD') && upgrade === undefined
  if (isLooking && origin === undefined && (site === undefined || site === 'none')) return
  throw new PlotlineError(
    'FORBIDDEN',
    'Only the page of this server may use its cookie. Send the API key instead.',
  )
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}

function hasSession(request: IncomingMessage, apiKey: string, now: number): boolean {
  const name = cookieName(request)
  const cookies = (request.headers.cookie ?? '').split(/; */)
  return cookies.some(
    (cookie) =>
      cookie.startsWith(`${name}=`) && isToken(cookie.slice(name.length + 1), apiKey, now),
  )
}

/** `issued.signature`: nothing to store, and a new key ends all sessions. */
function sessionToken(apiKey: string, issuedMs: number): string {
  const signature = createHmac('sha256', apiKey).update(`session ${issuedMs}`).digest('base64url')
  return `${issuedMs}.${signature}`
}

function isToken(token: string, apiKey: string, now: number): boolean {
  const issuedMs = Number(token.split('.')[0])
  if (!Number.isSafeInteger(issuedMs) || issuedMs < now - SESSION_DAYS * DAY_MS) return false
  return isSame(token, sessionToken(apiKey, issuedMs))
}

function sessionCookie(request: IncomingMessage, value: string, maxAgeSeconds: number): string {
  return `${cookieName(request)}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`
}

/** Cookies know no ports: two servers on one host need names of their own. */
const cookieName = (request: IncomingMessage): string => `plotline_${request.socket.localPort ?? 0}`

/** Takes the same time however much of the two is alike. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected))
}

/** Of equal length, as timingSafeEqual needs. */
const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest()

const unauthorized = (): PlotlineError =>
  new PlotlineError(
    'UNAUTHORIZED',
    'This needs the API key, in the header x-api-key or as a Bearer token. It is in the file api-key of the data folder.',
  )

const wrongKey = (): PlotlineError =>
  new PlotlineError(
    'UNAUTHORIZED',
    'That is not the key of this server. It is in the file api-key of the data folder.',
  )
