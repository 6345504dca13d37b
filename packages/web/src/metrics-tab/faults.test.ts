import { describe, expect, it } from 'vitest'
import { countFaults, faultsOf } from './faults.ts'

const refused = {
  value: { count: 2, lastLine: 'loss:nan|g' },
  undeclared: { count: 3, lastLine: 'lr:1|g' },
  telemetry: { count: 70, lastLine: null },
  late: { count: 1, lastLine: null },
}

describe('faults', () => {
  it('are what a person can mend', () => {
    expect(faultsOf(refused).map(([reason]) => reason)).toEqual(['value', 'late'])
    expect(countFaults(refused)).toBe(3)
  })
})
