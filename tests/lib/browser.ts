import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PATHS = ['/usr/bin/chromium', '/usr/bin/google-chrome']

/** The system's own Chromium; undefined where there is none. */
export const chromiumPath: string | undefined = PATHS.find((path) => existsSync(path))
if (chromiumPath === undefined)
  console.error('SKIPPED: there is no Chromium, so the tests of the page do not run.')

export function openBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('There is no Chromium.')
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
