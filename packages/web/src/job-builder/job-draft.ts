import type { Job, NewJob } from '@plotline/api'
import type { EnvRow } from './env-text.ts'

/** The form as it is being filled in. */
export interface JobDraft {
  readonly name: string
  readonly tags: string
  readonly command: string
  readonly workspace: string
  readonly env: readonly EnvRow[]
  readonly metrics: readonly string[]
}

export const BLANK: JobDraft = {
  name: '',
  tags: '',
  command: '',
  workspace: '',
  env: [],
  metrics: [],
}

const MASK = '********'

/** Self-contained: the client is on every job's PYTHONPATH. */
const TOY = `python3 - <<'EOF'
import random, time
from gradient_statsd import Client

client = Client()
for step in range(1800):
    client.increment("testMetric1", 1)
    client.gauge("testMetric2", random.randint(1, 100))
    print("step", step)
    time.sleep(2)
EOF`

/** /dev/udp is bash's own, so bash it is, whatever /bin/sh may be. */
const SHELL = `exec bash <<'EOF'
for i in $(seq 300); do
  read load rest < /proc/loadavg
  echo -n "load:$load|g" > /dev/udp/$STATSD_HOST/$STATSD_PORT
  sleep 1
done
EOF`

export const PRESETS: readonly { readonly label: string; readonly draft: JobDraft }[] = [
  {
    label: 'Toy metrics example',
    draft: { ...BLANK, name: 'toy', command: TOY, metrics: ['testMetric1', 'testMetric2'] },
  },
  {
    label: 'Shell command',
    draft: {
      ...BLANK,
      command: SHELL,
      metrics: ['load'],
    },
  },
  { label: 'Blank', draft: BLANK },
]

/** What the server is sent. */
export function newJobOf(draft: JobDraft): NewJob {
  const rows = draft.env.filter(({ name }) => name.trim() !== '')
  const secrets = rows.filter(({ isSecret }) => isSecret).map(({ name }) => name.trim())
  const tags = tagsOf(draft)
  return {
    ...(draft.name.trim() !== '' && { name: draft.name.trim() }),
    command: draft.command,
    ...(draft.workspace.trim() !== '' && { workspace: draft.workspace.trim() }),
    ...(rows.length > 0 && {
      env: Object.fromEntries(rows.map(({ name, value }) => [name.trim(), value])),
    }),
    ...(secrets.length > 0 && { secrets }),
    ...(draft.metrics.length > 0 && { customMetrics: [...draft.metrics] }),
    ...(tags.length > 0 && { tags }),
  }
}

export const tagsOf = ({ tags }: JobDraft): string[] =>
  [...new Set(tags.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '')

/** The fields of an earlier job. Secret values are not known to the page and stay empty. */
export function draftOf(job: Job): JobDraft {
  return {
    name: job.name,
    tags: job.tags.join(', '),
    command: job.command,
    workspace: job.workspace ?? '',
    env: Object.entries(job.env).map(([name, value]) =>
      value === MASK ? { name, value: '', isSecret: true } : { name, value, isSecret: false },
    ),
    metrics: job.customMetrics,
  }
}

const STORAGE_KEY = 'plotline.job-draft'

/** Kept in this browser while it is being filled in; values of secrets are not. */
export function saveDraft(draft: JobDraft): void {
  const env = draft.env.map((row) => (row.isSecret ? { ...row, value: '' } : row))
  localStorage.setItem(STORAGE_KEY, JSON.stringify({ ...draft, env }))
}

export function loadDraft(): JobDraft {
  try {
    const saved: Partial<JobDraft> = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}')
    return { ...BLANK, ...saved }
  } catch {
    return BLANK
  }
}

export const forgetDraft = (): void => localStorage.removeItem(STORAGE_KEY)
