/** A sum as two doubles, hi the rounded one and lo what rounding took: 0.1 added ten times is 1. */
export interface ExactSum {
  readonly hi: number
  readonly lo: number
}

export const ZERO: ExactSum = { hi: 0, lo: 0 }

export function plus(a: ExactSum, hi: number, lo = 0): ExactSum {
  const sum = a.hi + hi
  if (!Number.isFinite(sum)) return { hi: sum, lo: 0 }
  const added = sum - a.hi
  const low = a.lo + lo + (a.hi - (sum - added)) + (hi - added)
  const rounded = sum + low
  return { hi: rounded, lo: low - (rounded - sum) }
}
