const SIGNIFICANT = 6

/** Six significant digits at most, without noise at the end: `0.1`, `12345.7`, `1.2e+21`; whole numbers stay whole up to 2^53. */
export function formatNumber(value: number | null): string {
  if (value === null) return '-'
  if (Number.isSafeInteger(value)) return String(value)
  return String(Number(value.toPrecision(SIGNIFICANT)))
}
