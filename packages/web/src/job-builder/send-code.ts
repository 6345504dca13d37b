export type SendLanguage = 'python' | 'node' | 'bash'

/** Code that sends the names: the first as a counter, the others as gauges. */
export const SEND_CODE: Readonly<Record<SendLanguage, (names: readonly string[]) => string>> = {
  python: (names) =>
    [
      'from gradient_statsd import Client',
      '',
      'client = Client()',
      ...lines(
        names,
        (name) => `client.increment("${name}", 1)`,
        (name) => `client.gauge("${name}", 0.25)`,
      ),
    ].join('\n'),
  node: (names) =>
    [
      "import { Client } from '@plotline/client'",
      '',
      'const client = new Client()',
      ...lines(
        names,
        (name) => `client.increment('${name}')`,
        (name) => `client.gauge('${name}', 0.25)`,
      ),
    ].join('\n'),
  bash: (names) =>
    lines(
      names,
      (name) => `echo -n "${name}:1|c" > /dev/udp/$STATSD_HOST/$STATSD_PORT`,
      (name) => `echo -n "${name}:0.25|g" > /dev/udp/$STATSD_HOST/$STATSD_PORT`,
    ).join('\n'),
}

function lines(
  names: readonly string[],
  counter: (name: string) => string,
  gauge: (name: string) => string,
): string[] {
  const [first = 'testMetric1', ...rest] =
    names.length === 0 ? ['testMetric1', 'testMetric2'] : names
  return [counter(first), ...rest.map(gauge)]
}
