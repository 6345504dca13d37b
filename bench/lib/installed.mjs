import { spawnSync } from 'node:child_process'

/** Whether the rival is here; says so where it is not, since its column is then empty. */
export function isInstalled(binary, version) {
  if (version !== undefined) return true
  console.log(`\n*** ${binary} IS NOT INSTALLED: measured without it. ***`)
  return false
}

/** What `binary ...args` says, else Debian of its package of that name; undefined where there is no such program. */
export function versionOf(binary, args) {
  const { error, stdout, stderr } = spawnSync(binary, args, { encoding: 'utf8' })
  if (error) return undefined
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${Version}', binary], { encoding: 'utf8' })
  return VERSION.exec(stdout + stderr)?.[0] ?? VERSION.exec(asked.stdout ?? '')?.[0] ?? '(unknown)'
}

const VERSION = /\d+\.\d+\.\d+/
