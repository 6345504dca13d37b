/**
 * A sum of doubles that keeps what rounding takes from it (Neumaier), so that 0.1 added ten times is 1. The exact sum is
 * high + low; `value` is the double nearest to that.
 */
export interface Total {
  high: number
  low: number
}

export const totalOf = (high: number, low: number): Total => ({ high, low })

export function addTo(total: Total, value: number): void {
  const sum = total.high + value
  total.low += lostIn(total.high, value, sum)
  total.high = sum
}

export const valueOf = (total: Total): number => finite(total.high + total.low)

/** The total as it would be with `value` added. */
export function valueWith(total: Total, value: number): number {
  const sum = total.high + value
  return finite(sum + (total.low + lostIn(total.high, value, sum)))
}

/** What rounding took from `sum` = a + b, exactly. */
export function lostIn(a: number, b: number, sum: number): number {
  return Math.abs(a) >= Math.abs(b) ? a - sum + b : b - sum + a
}

/** Sums and means beyond the range of a double stay at its end: JSON and the graph have no infinity. */
export function finite(value: number): number {
  if (Number.isNaN(value)) return 0
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))
}
