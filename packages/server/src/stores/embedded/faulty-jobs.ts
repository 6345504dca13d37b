import { existsSync, readdirSync } from 'node:fs'
import { faultOf } from './job-file-mend.ts'
import { isStoreFailure } from './store-failure.ts'
import { jobPath, jobsFolder } from './store-folder.ts'

/** What the thread that looks answers. */
export interface FaultCalls {
  faultyJobs(): Promise<readonly string[]>
}

/** The ids of jobs whose files are damaged: reads every page of all of them. */
export function faultyJobs(dataDir: string): readonly string[] {
  if (!existsSync(jobsFolder(dataDir))) return []
  return readdirSync(jobsFolder(dataDir)).filter((job) => hasFault(jobPath(dataDir, job), job))
}

/** One that cannot be read at all is told of by whoever needs it. */
function hasFault(path: string, job: string): boolean {
  try {
    return faultOf(path, job) !== undefined
  } catch (error) {
    if (!isStoreFailure(error)) throw error
    return false
  }
}
