import { describe, expect, it } from 'vitest'
import { jobFixture } from '../../jobs/job-fixture.contract.ts'
import { jobEnvironment } from './environment.ts'
import { jobFiles } from './job-files.ts'

const job = jobFixture()
const needs = {
  base: { PATH: '/bin', PLOTLINE_API_KEY: 'k', PYTHONPATH: '/base', PS_JOB_ID: 'outer', LANG: 'C' },
  clientsPythonDir: '/clients',
  hostname: 'host',
  hostAddress: '10.0.0.2',
  storage: '/data/storage',
  datasets: '/data/datasets',
}
const environment = (env: Record<string, string> = {}, host = '127.0.0.1') =>
  jobEnvironment(
    jobFixture({ env }),
    jobFiles('/data', job.id),
    { host, port: 8125, jobPort: 4000 },
    needs,
  )

describe('jobEnvironment', () => {
  it('is what Gradient’s jobs had, and what StatsD clients look for', () => {
    expect(environment()).toEqual({
      PATH: '/bin',
      LANG: 'C',
      PYTHONPATH: '/clients:/base',
      PYTHONUNBUFFERED: '1',
      PS_JOB_ID: job.id,
      PS_JOB_RUNNER: '1',
      PS_HOME: `/data/jobs/${job.id}/workspace`,
      PS_ARTIFACTS: `/data/jobs/${job.id}/artifacts`,
      PS_MODEL_PATH: `/data/jobs/${job.id}/model`,
      PS_JOBSPACE: '/data/storage',
      PS_DATASETS: '/data/datasets',
      PS_HOSTNAME: 'host',
      PS_HOST_PRIVATE_IP_ADDRESS: '10.0.0.2',
      HOSTNAME: 'host',
      TYPE: 'master',
      INDEX: '0',
      DD_ENTITY_ID: job.id,
      DD_AGENT_HOST: '127.0.0.1',
      DD_DOGSTATSD_PORT: '4000',
      STATSD_HOST: '127.0.0.1',
      STATSD_PORT: '4000',
    })
  })

  it('lets the user decide, but not whose samples these are and where they go', () => {
    const env = { LANG: 'de', PYTHONUNBUFFERED: '0', PYTHONPATH: '/mine', TYPE: 'worker' }
    const forged = { PS_JOB_ID: 'other', DD_ENTITY_ID: 'other', STATSD_PORT: '1' }
    expect(environment({ ...env, ...forged })).toMatchObject({
      ...env,
      PYTHONPATH: '/clients:/mine',
      PS_JOB_ID: job.id,
      DD_ENTITY_ID: job.id,
      STATSD_PORT: '4000',
    })
  })

  it.each([
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['10.0.0.2', '10.0.0.2'],
  ])('sends samples for a server that listens on %s to %s', (host, reached) => {
    expect(environment({}, host)).toMatchObject({ STATSD_HOST: reached, DD_AGENT_HOST: reached })
  })
})
