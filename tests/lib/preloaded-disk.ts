import { spawnSync } from 'node:child_process'
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What `disk.c` can make fail, in the order of its counters. */
export const FAULTS = ['reads', 'writes', 'syncs'] as const
export type Fault = (typeof FAULTS)[number]

const FAULTS_BYTES = 4 * (2 * FAULTS.length + 1)

/** A file, or a folder and all below it, on a disk that fails with EIO when it is told to, for processes that are started with `env`. */
export interface FailingDisk {
  readonly env: NodeJS.ProcessEnv
  /** From now on, until `works`. Only what reads or writes at or behind `from`, bytes from the start of its file. */
  fail(fault: Fault, from?: number): void
  works(): void
  /** How many system calls failed so far. */
  failed(fault: Fault): number
  remove(): void
}

/** The library that stands between a process and its disk; undefined where it cannot be made, or not preloaded. */
export const DISK_LIBRARY = builtLibrary()
if (DISK_LIBRARY === undefined)
  console.warn(
    'SKIPPED: without a C compiler on Linux no disk can be made to fail or to lose power (apt-get install gcc libc6-dev).',
  )

function builtLibrary(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'plotline-disk-library-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const library = join(folder, 'disk.so')
  const source = join(import.meta.dirname, 'disk.c')
  const { status } = spawnSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'])
  return status === 0 && isPreloaded(library) ? library : undefined
}

function isPreloaded(library: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'plotline-disk-probe-'))
  const disk = failingDiskBy(library, folder)
  disk.fail('writes')
  const path = JSON.stringify(join(folder, 'file'))
  const { status } = spawnSync(
    process.execPath,
    [
      '-e',
      `try { fs.writeFileSync(${path}, 'x') } catch (e) { process.exit(e.code === 'EIO' ? 0 : 1) } process.exit(1)`,
    ],
    { env: { ...process.env, ...disk.env } },
  )
  disk.remove()
  rmSync(folder, { recursive: true })
  return status === 0
}

/** `place`: without symbolic links. */
export function failingDisk(place: string): FailingDisk {
  if (DISK_LIBRARY === undefined) throw new Error('There is no library.')
  return failingDiskBy(DISK_LIBRARY, place)
}

function failingDiskBy(library: string, place: string): FailingDisk {
  const folder = mkdtempSync(join(tmpdir(), 'plotline-faults-'))
  const path = join(folder, 'faults')
  const file = openSync(path, 'w+')
  ftruncateSync(file, FAULTS_BYTES)
  const put = (index: number, value: number): void =>
    void writeSync(file, Uint32Array.of(value), 0, 4, 4 * index)
  const works = (): void => {
    for (const i of FAULTS.keys()) put(i, 0)
  }
  return {
    env: { LD_PRELOAD: library, DISK_PLACE: place, DISK_FAULTS: path },
    fail(fault, from = 0) {
      put(2 * FAULTS.length, from)
      put(FAULTS.indexOf(fault), 1)
    },
    works,
    failed(fault) {
      const count = new Uint32Array(1)
      readSync(file, count, 0, 4, 4 * (FAULTS.length + FAULTS.indexOf(fault)))
      return count[0] ?? 0
    },
    remove() {
      works()
      closeSync(file)
      rmSync(folder, { recursive: true })
    },
  }
}
