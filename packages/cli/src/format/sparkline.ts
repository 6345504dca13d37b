const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
const MIDDLE = '▄'

/** The latest `width` values as blocks of eight heights between their own least and greatest; a flat line lies in the middle. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-Math.max(1, width)).filter((value) => Number.isFinite(value))
  const min = shown.reduce((least, value) => Math.min(least, value), Infinity)
  const max = shown.reduce((most, value) => Math.max(most, value), -Infinity)
  return shown.map((value) => block(value, min, max)).join('')
}

function block(value: number, min: number, max: number): string {
  if (max === min) return MIDDLE
  // Halved first: max - min of two huge doubles would be Infinity.
  const share = (value / 2 - min / 2) / (max / 2 - min / 2)
  return BLOCKS[Math.round(share * (BLOCKS.length - 1))] ?? MIDDLE
}
