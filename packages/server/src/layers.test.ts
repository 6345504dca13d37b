import { readdirSync, readFileSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { expect, it } from 'vitest'

const SRC = import.meta.dirname
const PORTS = ['jobs', 'metrics']

/** Who may import whom inside the server. A layer may always import itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  jobs: [],
  metrics: ['jobs'],
  ingest: ['metrics'],
  http: PORTS,
  paperspace: PORTS,
  stores: [...PORTS, 'sqlite'],
  executors: ['jobs'],
  sqlite: [],
  'data-folder.ts': ['sqlite'],
}
const ADAPTERS = ['stores', 'executors'] // their sub-folders are siblings that never meet
/** Importable from everywhere. */
const LEAVES = [
  'errors.ts',
  'units.ts',
  'log.ts',
  'thread-call.ts',
  'remove-folder.ts',
  'sync-to-disk.ts',
]
const ROOTS = ['main.ts', 'serve.ts'] // may import everything
const TEST_ONLY = /\.(test|contract)\.ts$/

it('server layers import only what they are allowed to', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !TEST_ONLY.test(file))
  const bad = sources.flatMap((file) =>
    importsOf(file)
      .filter((target) => !isAllowed(file, target))
      .map((target) => `${file} -> ${target}`),
  )
  expect(bad).toEqual([])
})

function importsOf(file: string): string[] {
  const text = readFileSync(resolve(SRC, file), 'utf8')
  const imports = text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)
  return Array.from(imports, ([, specifier = '']) =>
    relative(SRC, resolve(SRC, file, '..', specifier)),
  )
}

function isAllowed(file: string, target: string): boolean {
  if (TEST_ONLY.test(target)) return false
  if (ROOTS.includes(file) || LEAVES.includes(target)) return true
  return layerOf(file) === layerOf(target) || allowList(file).includes(layerOf(target))
}

function layerOf(file: string): string {
  const [folder = '', adapter = ''] = file.split(sep)
  return ADAPTERS.includes(folder) ? `${folder}/${adapter}` : folder
}

function allowList(file: string): readonly string[] {
  const [folder = ''] = file.split(sep)
  return MAY_IMPORT[folder] ?? []
}
