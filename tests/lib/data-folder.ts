import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { newFolder, removeFolder } from './folder.ts'
import { startServer, type TestServer } from './server.ts'

/** A data folder, and the servers that run on it one after the other. */
export interface DataFolder {
  readonly dir: string
  /** As {@link startServer}. */
  start(flags?: readonly string[], env?: NodeJS.ProcessEnv): Promise<TestServer>
  /** Stops the server first, where one still runs. */
  remove(): Promise<void>
}

export function newDataFolder(): DataFolder {
  const dir = newFolder()
  let latest: TestServer | undefined
  return {
    dir,
    async start(flags, env) {
      latest = await startServer(dir, flags, env)
      return latest
    },
    async remove() {
      await latest?.stop()
      removeFolder(dir)
    },
  }
}

/** One for the test at hand, removed when that is over. Tests that run side by side hand in their own `onTestFinished`. */
export function spareDataFolder(
  whenOver: (undo: () => Promise<void>) => void = onTestFinished,
): DataFolder {
  const folder = newDataFolder()
  whenOver(() => folder.remove())
  return folder
}

/** Gives a file's tests one server on a data folder of its own. */
export function withServer(take: (server: TestServer) => void): void {
  let folder: DataFolder | undefined
  beforeAll(async () => {
    folder = newDataFolder()
    take(await folder.start())
  })
  afterAll(() => folder?.remove())
}
