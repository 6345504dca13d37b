import { PlotlineError } from '../errors.ts'
import type { JobStore } from './job-store.ts'

/**
 * A job store of which the end and the deletion of a job may fill the room that is kept back for them: on a full disk
 * `makeRoom` is called, and the write tried once more. A new job may not.
 */
export function withRoom(store: JobStore, makeRoom: () => Promise<void>): JobStore {
  const insistently = async <T>(write: () => Promise<T>): Promise<T> => {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof PlotlineError) || error.code !== 'STORAGE_FULL') throw error
      await makeRoom()
      return write()
    }
  }
  return {
    ...store,
    update: (id, change) => insistently(() => store.update(id, change)),
    bury: (id) => insistently(() => store.bury(id)),
    remove: (id) => insistently(() => store.remove(id)),
  }
}
