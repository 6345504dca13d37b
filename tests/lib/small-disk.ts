import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { newFolder, removeFolder } from './folder.ts'

const BLOCK = new Uint8Array(4096).fill(7)

/** A disk of its own that is small enough to be filled. */
export interface SmallDisk {
  readonly dir: string
  freeBytes(): number
  /** Takes room until no more than `leaveBytes` is free, 0: until the disk takes nothing any more. */
  fill(leaveBytes: number): void
  /** Gives back all that {@link fill} took. */
  drain(): void
  remove(): void
}

/** Undefined where this user may not mount one. */
export function mountSmallDisk(sizeBytes: number): SmallDisk | undefined {
  const dir = newFolder()
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', dir)
  } catch {
    removeFolder(dir)
    return undefined
  }
  const filler = join(dir, 'filler')
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(dir)
    return bavail * bsize
  }
  return {
    dir,
    freeBytes,
    fill(leaveBytes) {
      const file = openSync(filler, 'a')
      try {
        while (freeBytes() > leaveBytes) writeSync(file, BLOCK)
      } catch {
        // Full: what was wanted.
      } finally {
        closeSync(file)
      }
    },
    drain: () => rmSync(filler, { force: true }),
    remove() {
      run('umount', '--lazy', dir)
      removeFolder(dir)
    },
  }
}

const run = (...command: [string, ...string[]]): void =>
  void execFileSync(command[0], command.slice(1), { stdio: 'ignore' })
