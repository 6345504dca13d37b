import type { LineType } from '@plotline/wire'

/** A line without its line break, and what a transport may want to know of it. */
export interface Line {
  readonly text: string
  readonly name: string
  readonly type: LineType
}

/** A way to the server. Never throws, never waits, never keeps the process alive. */
export interface Transport {
  /** Samples that will never arrive, as far as this side can know. */
  dropped(): number
  send(line: Line): void
  /** Sends what is held; resolves when it is on its way or lost for good. */
  close(): Promise<void>
}
