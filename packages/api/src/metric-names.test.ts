import { describe, expect, it } from 'vitest'
import { checkMetricNames } from './metric-names.ts'

const RULE = 'Names may contain only letters a-z and A-Z, digits 0-9, "_" and "-".'

describe('checkMetricNames', () => {
  it.each([
    ['__proto__'],
    ['constructor'],
    ['-'],
    ['_'],
    ['a'.repeat(128)],
    ['testMetric1'],
    ['0'],
  ])('accepts %s', (name) => {
    expect(checkMetricNames([name])).toEqual({ names: [name], problems: [] })
  })

  it('keeps order and case-sensitive twins, and merges exact duplicates', () => {
    expect(checkMetricNames(['b', 'a', 'A', 'b']).names).toEqual(['b', 'a', 'A'])
  })

  it.each([
    ['loss.val', `Metric name "loss.val" contains "." ${RULE}`, 'loss_val'],
    ['a b', `Metric name "a b" contains a space. ${RULE}`, 'a_b'],
    ['val loss%', `Metric name "val loss%" contains a space and "%". ${RULE}`, 'val_loss_'],
    ['naïve', `Metric name "naïve" contains "ï". ${RULE}`, 'naive'],
    ['loss\n', `Metric name "lossU+000A" contains a line break. ${RULE}`, 'loss'],
    ['a\u0007', `Metric name "aU+0007" contains U+0007. ${RULE}`, 'a_'],
    ['', `Metric name "" is empty. ${RULE}`, undefined],
    [
      '!@#$%^&',
      `Metric name "!@#$%^&" contains "!", "@", "#", "$", "%" and 2 more. ${RULE}`,
      undefined,
    ],
    ['損失', `Metric name "損失" contains "損" and "失". ${RULE}`, undefined],
  ])('refuses %j', (name, message, suggestion) => {
    const [problem] = checkMetricNames(['ok', name]).problems
    expect(problem).toMatchObject({ code: 'INVALID_METRIC_NAME', message, index: 1, value: name })
    expect(problem?.suggestion).toBe(suggestion)
  })

  it('refuses a name of 129 characters by its length', () => {
    expect(checkMetricNames(['a'.repeat(129)]).problems[0]).toMatchObject({
      code: 'METRIC_NAME_TOO_LONG',
      message: 'Metric name "aaaaaaaaaaaaaaaaaaaa…" has 129 characters. The limit is 128.',
      suggestion: 'a'.repeat(128),
    })
  })

  it('takes 100 different names and refuses 101', () => {
    const names = Array.from({ length: 101 }, (_, i) => `m${i}`)
    expect(checkMetricNames(names.slice(0, 100)).problems).toEqual([])
    expect(checkMetricNames(names).problems).toEqual([
      {
        field: 'customMetrics',
        code: 'TOO_MANY_METRICS',
        message: 'A job can have up to 100 custom metrics. You entered 101.',
      },
    ])
  })

  it('reads the comma string of the original form', () => {
    expect(checkMetricNames('testMetric1, testMetric2').names).toEqual([
      'testMetric1',
      'testMetric2',
    ])
    expect(checkMetricNames('').problems).toEqual([])
    expect(checkMetricNames('a,,b').problems).toMatchObject([{ index: 1, value: '' }])
    expect(checkMetricNames('a,b\n').problems).toMatchObject([{ index: 1, value: 'b\n' }])
  })

  it.each([[7], [true], [{}], [[1]], [[null]]])(
    'refuses %j, which is no list of names',
    (given) => {
      expect(checkMetricNames(given).problems).toMatchObject([{ code: 'INVALID_METRIC_LIST' }])
    },
  )
})
