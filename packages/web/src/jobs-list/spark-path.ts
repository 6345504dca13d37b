/** The points of an SVG polyline through `values`, oldest left; "" for fewer than two. */
export function sparkPath(values: readonly number[], width: number, height: number): string {
  if (values.length < 2) return ''
  const low = Math.min(...values)
  const span = Math.max(...values) - low
  const step = width / (values.length - 1)
  return values
    .map((value, index) => {
      const y = span === 0 ? height / 2 : height - ((value - low) / span) * height
      return `${round(index * step)},${round(y)}`
    })
    .join(' ')
}

/** "rising", "falling" or "steady": the second half of the values beside the first. */
export function trendWord(values: readonly number[]): string {
  const middle = Math.floor(values.length / 2)
  const change = mean(values.slice(middle)) - mean(values.slice(0, middle))
  const span = Math.max(...values) - Math.min(...values)
  if (values.length < 2 || Math.abs(change) <= span * STEADY_SHARE) return 'steady'
  return change > 0 ? 'rising' : 'falling'
}

const STEADY_SHARE = 0.1
const round = (pixels: number): number => Math.round(pixels * 10) / 10
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
