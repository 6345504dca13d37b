import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const DROP_ALL = '/proc/sys/vm/drop_caches'

/**
 * How to make files cold, tried on `probe`: posix_fadvise(DONTNEED) by GNU dd for each file, else the whole machine's cache where
 * root may. Undefined where neither works. A file must be on the disk already and mapped by nobody.
 * @param {string} probe an existing file
 * @returns {{ how: string, drop: (paths: readonly string[]) => void } | undefined}
 */
export function coldFiles(probe) {
  return WAYS.find(({ drop }) => {
    drop([probe])
    return cachedBytes(probe) === 0
  })
}

const WAYS = [
  { how: 'page cache of the files dropped by posix_fadvise, fincore tells 0', drop: adviseEach },
  { how: 'page cache of the machine dropped, fincore tells 0', drop: dropAll },
]

function adviseEach(paths) {
  for (const path of paths)
    if (existsSync(path)) spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'])
}

function dropAll() {
  spawnSync('sh', ['-c', `sync; echo 1 > ${DROP_ALL}`], { stdio: 'ignore' })
}

/** Undefined where there is no util-linux to tell. */
export function cachedBytes(path) {
  const { status, stdout } = spawnSync('fincore', ['-b', '-n', '-r', '-o', 'RES', path])
  return status === 0 ? Number(String(stdout)) : undefined
}
