/** A measured value, short and honest: at most six significant digits, "1.2e6"-style only where plain digits are too long. */
export function valueText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value.toLocaleString('en-US')
  const size = Math.abs(value)
  if (size >= 1e9 || size < 1e-4) return value.toExponential(3).replace(/\.?0+e\+?/, 'e')
  return String(Number(value.toPrecision(size >= 1000 ? 7 : 5)))
}

/** "1 job", "3 jobs". */
export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}
