import type { IngestStop } from '@plotline/api'
import { bytesText } from '@plotline/api/names'
import { PlotlineError } from '../errors.ts'
import type { Room } from '../metrics/metric-store.ts'
import type { IngestClock } from './ingest-clock.ts'

/** Room that must be free beyond the least, as a share of that, before samples are taken again: no flutter at the mark. */
const RESUME_SHARE = 1.1

/**
 * Decides whether samples can be taken. Not while there is less room than the store must keep, nor while an append has found the disk
 * full: what was accepted by then waits, and is stored first.
 */
export class RoomWatch {
  /** Null while samples are taken. */
  stopped: IngestStop | null = null
  readonly #ask: () => Promise<Room>
  readonly #clock: IngestClock
  readonly #onDecision: (isStopped: boolean) => void
  #isLow = false
  #isFull = false
  #room: Room | undefined

  /** `ask`: what the store may still fill. */
  constructor(
    ask: () => Promise<Room>,
    clock: IngestClock,
    onDecision: (isStopped: boolean) => void,
  ) {
    this.#ask = ask
    this.#clock = clock
    this.#onDecision = onDecision
  }

  /** To be called each second. */
  async look(): Promise<void> {
    try {
      this.#room = await this.#ask()
    } catch {
      return // the store's own failures are told where it appends
    }
    const { freeBytes, minFreeBytes } = this.#room
    this.#isLow = freeBytes < minFreeBytes * (this.#isLow ? RESUME_SHARE : 1)
    this.#decide()
  }

  /** What became of an append. */
  appended(error: Error | undefined): void {
    this.#isFull = error instanceof PlotlineError && error.code === 'STORAGE_FULL'
    this.#decide()
  }

  #decide(): void {
    const isStopped = this.#isLow || this.#isFull
    this.stopped = isStopped ? this.#stop() : null
    this.#onDecision(isStopped)
  }

  #stop(): IngestStop {
    return { since: this.stopped?.since ?? this.#clock.now(), reason: this.#reason() }
  }

  #reason(): string {
    const { freeBytes = 0, minFreeBytes = 0 } = this.#room ?? {}
    const fault = this.#isLow
      ? `The disk of the data folder has ${bytesText(freeBytes)} free, less than the ${bytesText(minFreeBytes)} that deletions and ends of jobs may need.`
      : 'The disk of the data folder is full.'
    return `${fault} Samples that come are counted and dropped until there is room: free space, or delete jobs.`
  }
}
