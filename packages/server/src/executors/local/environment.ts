import { delimiter } from 'node:path'
import type { StatsdAddress } from '../../jobs/executor.ts'
import type { Job } from '../../jobs/job.ts'
import type { JobFiles } from './job-files.ts'

export interface EnvironmentNeeds {
  /** What the server itself was started with. */
  readonly base: Readonly<Record<string, string>>
  readonly clientsPythonDir: string
  readonly hostname: string
  readonly hostAddress: string
  readonly storage: string
  readonly datasets: string
}

/**
 * The environment of a job: the server's own, then what the platform presets, then the user's, then what must be right for samples
 * to find their way. Names and meaning are Gradient's (PS_*) and those that StatsD clients look for.
 */
export function jobEnvironment(
  job: Job,
  files: JobFiles,
  statsd: StatsdAddress,
  { base, clientsPythonDir, hostname, hostAddress, storage, datasets }: EnvironmentNeeds,
): Record<string, string> {
  const inherited = Object.entries(base).filter(([name]) => !name.startsWith('PLOTLINE_'))
  const pythonPath = [clientsPythonDir, job.env['PYTHONPATH'] ?? base['PYTHONPATH']].filter(Boolean)
  const host = reachable(statsd.host)
  const port = String(statsd.jobPort)
  return {
    ...Object.fromEntries(inherited),
    PYTHONUNBUFFERED: '1',
    PS_JOB_RUNNER: '1',
    PS_HOME: job.workspace ?? files.workspace,
    PS_ARTIFACTS: files.artifacts,
    PS_MODEL_PATH: files.model,
    PS_JOBSPACE: storage,
    PS_DATASETS: datasets,
    PS_HOSTNAME: hostname,
    PS_HOST_PRIVATE_IP_ADDRESS: hostAddress,
    HOSTNAME: hostname,
    TYPE: 'master',
    INDEX: '0',
    ...job.env,
    PYTHONPATH: pythonPath.join(delimiter),
    PS_JOB_ID: job.id,
    DD_ENTITY_ID: job.id,
    DD_AGENT_HOST: host,
    DD_DOGSTATSD_PORT: port,
    STATSD_HOST: host,
    STATSD_PORT: port,
  }
}

/** A server that listens on all addresses is reached by one of them. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
