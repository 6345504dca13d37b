import { describe, expect, it } from 'vitest'
import { SEND_LANGUAGES, sendCode } from './send-code.ts'

describe('sendCode', () => {
  it.each(SEND_LANGUAGES)('sends the first name as a counter, others as gauges: $label', (one) => {
    const lines = sendCode(one.value, ['steps', 'loss', 'accuracy']).split('\n')
    expect(lines.filter((line) => /steps/.test(line))).toEqual([
      expect.stringMatching(/increment|\|c/),
    ])
    for (const name of ['loss', 'accuracy'])
      expect(lines.filter((line) => line.includes(name))).toEqual([
        expect.stringMatching(/gauge|\|g/),
      ])
  })

  it('sends the metrics of the toy program where no name is known', () => {
    expect(sendCode('python', [])).toContain('client.increment("testMetric1", 1)')
    expect(sendCode('python', [])).toContain('client.gauge("testMetric2", 0.25)')
  })

  it('says nothing of gauges where there is one name', () => {
    expect(sendCode('node', ['steps'])).not.toContain('gauge')
  })

  it('sends from bash to wherever the job is told to', () => {
    expect(sendCode('bash', ['steps'])).toContain(
      'echo -n "steps:1|c|#container_name:$PS_JOB_ID" > "/dev/udp/$STATSD_HOST/$STATSD_PORT"',
    )
  })
})
