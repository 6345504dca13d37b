const MINUS = '−'
const SIGNIFICANT = 6
const MAX_DECIMALS = 10
/** One for each number of decimals: making one costs a hundred times what using it does. */
const FORMATS = Array.from(
  { length: MAX_DECIMALS + 1 },
  (_, decimals) => new Intl.NumberFormat('en-US', { maximumFractionDigits: decimals }),
)

/** A value as read in a title or a table: at most six digits that matter, thousands apart, 1.2e-7 where digits would not do. */
export function formatValue(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  if (value === 0) return '0'
  const size = Math.abs(value)
  const sign = value < 0 ? MINUS : ''
  if (size >= 1e9 || size < 1e-4) return sign + scientific(size)
  if (size >= 1e6 || Number.isInteger(size)) return sign + grouped(size, 0)
  const whole = Math.floor(Math.log10(size)) + 1
  return sign + grouped(size, Math.min(MAX_DECIMALS, Math.max(0, SIGNIFICANT - whole)))
}

/** A value on an axis whose marks are `step` apart: short, and no two marks alike. */
export function formatTick(value: number, step: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  const sign = value < 0 ? MINUS : ''
  if (size >= 1e15 || size < 1e-6) return sign + scientific(size)
  const [unit, mark] = UNITS.find(([each]) => size >= each * 10 || each === 1) ?? [1, '']
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9))
  return sign + grouped(size / unit, Math.min(MAX_DECIMALS, decimals)) + mark
}

/** `+0.5/s`, with its sign, from values a second. */
export function formatRate(perSecond: number): string {
  const sign = perSecond > 0 ? '+' : ''
  const size = Math.abs(perSecond)
  if (size !== 0 && size < 0.1) return `${sign}${formatValue(roundTo(perSecond * 60, 2))}/min`
  return `${sign}${formatValue(roundTo(perSecond, size < 10 ? 2 : 1))}/s`
}

/** `1 sample`, `3 samples`, `12,000 samples`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count, 0)} ${count === 1 ? one : many}`
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
]

function grouped(size: number, decimals: number): string {
  return FORMATS[decimals]?.format(size) ?? String(size)
}

function scientific(size: number): string {
  return size
    .toExponential(SIGNIFICANT - 3)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e')
}

function roundTo(value: number, decimals: number): number {
  const unit = 10 ** decimals
  return Math.round(value * unit) / unit
}
