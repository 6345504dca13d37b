import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesBelow } from './folder-bytes.mjs'
import { versionOf } from './installed.mjs'

export const prometheusVersion = versionOf('promtool', ['--version'])

/** As long as Prometheus itself makes blocks in the end, by compacting those of two hours. */
const BLOCK = '--max-block-duration=240h'

/**
 * Bytes of the blocks that Prometheus' own tool makes of the points.
 * @param {string} folder for what is in between
 * @param {readonly { name: string, type: string, t: ArrayLike<number>, values: ArrayLike<number> }[]} series counters with their totals
 */
export function prometheusBytes(folder, series) {
  const aside = mkdtempSync(join(folder, 'prometheus-'))
  const input = join(aside, 'points.om')
  const blocks = join(aside, 'blocks')
  writeFileSync(input, '')
  for (const { name, type, t, values } of series) {
    const sample = type === 'counter' ? `${name}_total` : name
    const lines = Array.from(t, (at, i) => `${sample} ${values[i]} ${(at / 1000).toFixed(3)}\n`)
    appendFileSync(input, `# TYPE ${name} ${type}\n${lines.join('')}`)
  }
  appendFileSync(input, '# EOF\n')
  const { status, stderr } = spawnSync(
    'promtool',
    ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', BLOCK, input, blocks],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`promtool: ${stderr}`)
  const bytes = bytesBelow(blocks)
  rmSync(aside, { recursive: true })
  return bytes
}
