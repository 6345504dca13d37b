/** Programs that send the job's own metrics, ready to paste. */
export interface Snippets {
  readonly python: string
  readonly node: string
  readonly bash: string
}

const MOST_NAMES = 3

export function snippetsOf(
  names: readonly string[],
  statsd: { readonly host: string; readonly port: number } | undefined,
): Snippets {
  const [first = 'testMetric1', ...others] = names.slice(0, MOST_NAMES)
  const address = `${statsd?.host ?? '127.0.0.1'}/${statsd?.port ?? 8125}`
  return {
    python: [
      'from gradient_statsd import Client',
      '',
      'client = Client()',
      `client.increment("${first}", 1)      # a counter: its running total is drawn`,
      ...others.map((name) => `client.gauge("${name}", value)      # a gauge: its value is drawn`),
    ].join('\n'),
    node: [
      "import { Client } from '@plotline/client'",
      '',
      'const client = new Client()',
      `client.increment('${first}', 1)`,
      ...others.map((name) => `client.gauge('${name}', value)`),
    ].join('\n'),
    bash: [first, ...others]
      .map(
        (name, place) =>
          `echo -n "${name}:1|${place === 0 ? 'c' : 'g'}|#container_name:$PS_JOB_ID" > /dev/udp/${address}`,
      )
      .join('\n'),
  }
}
