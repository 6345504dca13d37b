import { describe, expect, it } from 'vitest'
import { hintFor } from './hint.ts'
import { showLine } from './show-line.ts'

describe('showLine', () => {
  it.each([
    ['loss:nan|g', 'loss:nan|g'],
    ['a\\b:1|c', 'a\\\\b:1|c'],
    ['é\0\u007f', '\\xe9\\x00\\x7f'],
    ['a]b[c~ "<b>"', 'a]b[c~ "<b>"'],
    ['x'.repeat(300), 'x'.repeat(200)],
  ])('shows %j', (line, shown) => {
    const bytes = Buffer.from(line, 'latin1')
    expect(showLine(bytes, 0, bytes.length)).toBe(shown)
  })
})

describe('hintFor', () => {
  it.each([
    ['value', 'loss:tensor(0.03)|g', /loss\.item\(\)/],
    ['value', 'loss:nan|g', /NaN/],
    ['value', 'loss:-inf|g', /infinite/],
    ['value', 'loss:None|g', /None/],
    ['value', 'loss:True|g', /1 or 0/],
    ['value', 'loss:[1, 2]|g', /one number/],
    ['value', 'loss:1,5|g', /decimal sign/],
    ['name', 'a.b:1|g', /letters/],
    ['type', 'a:1|ms', /counters/],
  ] as const)('explains %s in %s', (reason, line, hint) => {
    expect(hintFor(reason, line)).toMatch(hint)
  })

  it.each([
    ['value', 'loss:abc|g'],
    ['telemetry', 'datadog.dogstatsd.client.metrics:1|c'],
  ] as const)('says nothing of %s in %s', (reason, line) => {
    expect(hintFor(reason, line)).toBeUndefined()
  })
})
