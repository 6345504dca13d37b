import type { Job as JobJson } from '@plotline/api'
import type { Job } from './job.ts'

const MASK = '********'
const SOUNDS_SECRET = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL/i

/** A job as the API shows it: without what is nobody's business. `bytes`: what deleting it would free. */
export function jobJson(job: Job, bytes: number): JobJson {
  const { statsdPort: _port, stopRequested: _stop, secrets, ...shown } = job
  return {
    ...shown,
    command: commandLine(job.command),
    env: Object.fromEntries(
      Object.entries(job.env).map(([name, value]) => [
        name,
        isSecret(name, secrets) ? MASK : value,
      ]),
    ),
    customMetrics: [...job.customMetrics],
    tags: [...job.tags],
    bytes,
  }
}

const isSecret = (name: string, secrets: readonly string[]): boolean =>
  secrets.includes(name) || SOUNDS_SECRET.test(name)

/** The command as one would type it into a shell. */
export function commandLine(command: Job['command']): string {
  return typeof command === 'string' ? command : command.map(quoted).join(' ')
}

const quoted = (word: string): string =>
  /^[A-Za-z0-9_/.,:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
