import { cpus, totalmem } from 'node:os'

/**
 * Prints one claim's measurements as a table, with the date, machine and versions they hold for.
 * @param {{ title: string, target?: string, rows: readonly Record<string, string | number>[], versions?: Record<string, string> }} result
 */
export function report({ title, target, rows, versions = {} }) {
  const [cpu] = cpus()
  console.log(`\n## ${title}`)
  if (target) console.log(`Target: ${target}`)
  console.log(
    `${new Date().toISOString().slice(0, 10)} · ${cpus().length} x ${cpu?.model.trim()} · ${Math.round(totalmem() / 2 ** 30)} GiB · ${versionLine(versions)}\n`,
  )
  for (const line of table(rows)) console.log(line)
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values) {
  return quantile(values, 0.5)
}

/** @param {readonly number[]} values @param {number} q in [0, 1] */
export function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)]
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at))
}

const versionLine = (versions) =>
  Object.entries({ node: process.version, ...versions })
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')

function table(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
  ]
}

const line = (cells) => `| ${cells.join(' | ')} |`
