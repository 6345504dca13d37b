const SIGNIFICANT = 6
const UNITS = ['kB', 'MB', 'GB', 'TB'] as const

/** Six significant digits at most, without noise at the end: `0.1`, `12345.7`, `1.2e+21`; whole numbers stay whole up to 2^53. */
export function formatNumber(value: number | null): string {
  if (value === null) return '-'
  if (Number.isSafeInteger(value)) return String(value)
  return String(Number(value.toPrecision(SIGNIFICANT)))
}

/** `512 B`, `2.1 MB`; powers of 1000, as disks are sold. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  let value = bytes
  let unit = ''
  for (const next of UNITS) {
    if (value < 1000) break
    value /= 1000
    unit = next
  }
  return `${value.toFixed(1)} ${unit}`
}
