import type { Job } from './job.ts'

export const MASK = '********'

const SECRET_NAME = /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)/i

/** Whether the value of this variable is never to be shown: the person said so, or its name does. */
export const isSecret = (job: Pick<Job, 'secrets'>, name: string): boolean =>
  job.secrets.includes(name) || SECRET_NAME.test(name)
