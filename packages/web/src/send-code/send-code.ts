export const SEND_LANGUAGES = [
  { value: 'python', label: 'Python' },
  { value: 'node', label: 'Node' },
  { value: 'bash', label: 'Bash' },
] as const

export type SendLanguage = (typeof SEND_LANGUAGES)[number]['value']

/** Code for within a job that sends the names: the first as a counter, the others as gauges. It runs as it stands. */
export function sendCode(language: SendLanguage, names: readonly string[]): string {
  const { opening, comment, counter, gauge } = WRITERS[language]
  const [first = 'testMetric1', ...others] = names.length > 0 ? names : TOY_NAMES
  return [
    ...opening,
    `${comment} a counter: its running total is drawn`,
    counter(first),
    ...(others.length > 0 ? [`${comment} a gauge: its values are drawn`] : []),
    ...others.map(gauge),
  ].join('\n')
}

const TOY_NAMES = ['testMetric1', 'testMetric2']

interface Writer {
  readonly opening: readonly string[]
  readonly comment: string
  readonly counter: (name: string) => string
  readonly gauge: (name: string) => string
}

const WRITERS: Readonly<Record<SendLanguage, Writer>> = {
  python: {
    opening: ['from gradient_statsd import Client', '', 'client = Client()'],
    comment: '#',
    counter: (name) => `client.increment("${name}", 1)`,
    gauge: (name) => `client.gauge("${name}", 0.25)`,
  },
  node: {
    opening: ["import { Client } from '@plotline/client'", '', 'const client = new Client()'],
    comment: '//',
    counter: (name) => `client.increment('${name}')`,
    gauge: (name) => `client.gauge('${name}', 0.25)`,
  },
  bash: {
    opening: [],
    comment: '#',
    counter: (name) => bashLine(`${name}:1|c`),
    gauge: (name) => bashLine(`${name}:0.25|g`),
  },
}

/** To the job's own socket, which needs no tag; with it the line is the job's on the shared socket, too. */
function bashLine(sample: string): string {
  return `echo -n "${sample}|#container_name:$PS_JOB_ID" > "/dev/udp/$STATSD_HOST/$STATSD_PORT"`
}
