import type { Series } from '../metrics/metric-store.ts'

export const CSV_HEADER = 't,name,type,last,min,max,mean,count\n'

/** One row a point, times in unix ms; names need no quotes. Numbers read back as the same doubles. */
export function seriesCsv({ name, type, t, last, min, max, mean, count }: Series): string {
  let text = ''
  for (let i = 0; i < t.length; i++)
    text += `${t[i]},${name},${type},${last[i]},${min[i]},${max[i]},${mean[i]},${count[i]}\n`
  return text
}
