// npm run bench [NAME ...]: runs the benches one after the other (nothing else should run beside them); without names all.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, ROOT, run, say } from './lib/prepare.mjs'

ensureInstalled()
ensureBuilt()
const known = readdirSync(join(ROOT, 'bench'))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.replace(/\.mjs$/, ''))
const wanted = process.argv.slice(2).filter((name) => !name.startsWith('-'))
const unknown = wanted.find((name) => !known.includes(name))
if (unknown !== undefined) {
  say(`There is no bench "${unknown}". Benches: ${known.join(', ')}.`)
  process.exit(2)
}
const flags = process.argv.slice(2).filter((name) => name.startsWith('-'))
for (const name of wanted.length > 0 ? wanted : known)
  run(process.execPath, ['--expose-gc', join(ROOT, 'bench', `${name}.mjs`), ...flags])
