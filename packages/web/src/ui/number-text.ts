/** A measured value, short and honest: at most six significant digits, "1.2e6"-style only where plain digits are too long. */
export function valueText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value.toLocaleString('en-US')
  const size = Math.abs(value)
  if (size >= 1e9 || size < 1e-4) return value.toExponential(3).replace(/\.?0+e\+?/, 'e')
  return String(Number(value.toPrecision(size >= 1000 ? 7 : 5)))
}

/** "812 B", "2.1 MB": decimal units, as disks are sold. */
export function bytesText(sizeBytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = sizeBytes
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${unit === 0 || size >= 99.95 ? Math.round(size) : size.toFixed(1)} ${units[unit] ?? ''}`
}

/** "1 job", "3 jobs". */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}
