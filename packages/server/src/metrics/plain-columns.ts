type Column = 't' | 'last' | 'min' | 'max' | 'mean' | 'count'

interface Columns extends Readonly<Record<Column, ArrayLike<number>>> {
  readonly estimated?: ArrayLike<number>
}

interface PlainColumns extends Record<Column, number[]> {
  estimated?: number[]
}

/** The columns of a series as JSON has them; `estimated` only where a time was. */
export function plainColumns({
  t,
  last,
  min,
  max,
  mean,
  count,
  estimated = [],
}: Columns): PlainColumns {
  return {
    t: Array.from(t),
    last: Array.from(last),
    min: Array.from(min),
    max: Array.from(max),
    mean: Array.from(mean),
    count: Array.from(count),
    ...(Array.from(estimated).includes(1) && { estimated: Array.from(estimated) }),
  }
}
