import type { LineType } from '@plotline/wire'

/** A sample and its line, which has no line break. */
export interface Line {
  readonly name: string
  readonly value: number | bigint
  readonly type: LineType
  readonly tags: readonly string[]
  readonly text: string
}

/** A way to the server. Never throws, never waits, never keeps the process alive. */
export interface Transport {
  /** Samples that will never arrive, as far as this side can know. */
  dropped(): number
  send(line: Line): void
  /** Sends what is held; resolves when it is on its way or lost for good. */
  close(): Promise<void>
}
