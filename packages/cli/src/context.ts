import type { Job } from '@plotline/api'
import { findServer, type Environment, type ServerFlags } from './config.ts'
import { connectServer, type ServerClient } from './server-client.ts'
import type { Terminal } from './terminal.ts'

/** What the process brings along; tests bring their own. */
export interface World {
  readonly terminal: Terminal
  readonly environment: Environment
  readonly folder: string
  readonly now: () => number
  readonly version: string
}

/** Flags that every command has. */
export interface CommonFlags extends ServerFlags {
  readonly json?: boolean
}

/** What a command works with. */
export interface Context extends World {
  readonly server: ServerClient
  /** Results as JSON: one document, or one a line for streams. */
  readonly json: boolean
}

export function openContext(world: World, flags: CommonFlags): Context {
  const address = findServer(flags, world.environment, world.folder)
  return { ...world, server: connectServer(address), json: flags.json === true }
}

export const printJson = ({ terminal }: Pick<Context, 'terminal'>, value: unknown): void =>
  terminal.print(JSON.stringify(value))

/** Where the page shows the job's graphs. The key is not in it: links end up in logs. */
export const graphsLink = ({ server }: Context, { id }: Pick<Job, 'id'>): string =>
  `${server.address.url}/jobs/${id}/metrics`
