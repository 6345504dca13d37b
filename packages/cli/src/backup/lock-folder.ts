import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { OWNER_ONLY } from '../config.ts'
import { systemCode } from '../files/write-whole.ts'
import { parseJson } from '../parse-json.ts'
import { failed } from '../problem.ts'

export const LOCK = 'backup.lock'

const Owner = Type.Object({ pid: Type.Integer(), host: Type.String() })

/** Keeps a backup that takes longer than the time between two from being joined by the next. What it returns lets go. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, LOCK)
  if (!(await take(file))) {
    const owner = await ownerOf(file)
    if (owner !== undefined && isThere(owner))
      throw failed(
        `Another backup into ${folder} is running (process ${owner.pid} of ${owner.host}). If it is not, remove ${file}.`,
      )
    await rm(file, { force: true })
    if (!(await take(file))) throw failed(`Another backup into ${folder} has just begun.`)
  }
  return () => rm(file, { force: true })
}

async function take(file: string): Promise<boolean> {
  const owner = { pid: process.pid, host: hostname() }
  try {
    await writeFile(file, `${JSON.stringify(owner)}\n`, { flag: 'wx', mode: OWNER_ONLY })
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw failed(`${file} cannot be written: ${error instanceof Error ? error.message : 'unknown'}`)
  }
}

/** Undefined where it cannot be told, as after a crash in the middle of writing it. */
async function ownerOf(file: string): Promise<{ pid: number; host: string } | undefined> {
  const owner = parseJson(await readFile(file, 'utf8').catch(() => ''))
  return Value.Check(Owner, owner) ? owner : undefined
}

/** Of another machine nobody knows: it is taken to be there. */
function isThere({ pid, host }: { readonly pid: number; readonly host: string }): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}
