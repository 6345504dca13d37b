import type { IngestStop } from '@plotline/api'
import { bytesText } from '@plotline/api/names'
import { PlotlineError } from '../errors.ts'
import type { Room } from '../metrics/metric-store.ts'
import type { UnixMs } from '../units.ts'

/** Room that must be free beyond the least, as a share of that, before samples are taken again: no flutter at the mark. */
const RESUME_SHARE = 1.1

/**
 * Whether samples can be taken. Not while there is less room than the store must keep, nor while an append has found the disk
 * full: what was accepted by then waits, and is stored first.
 */
export class RoomWatch {
  /** Null while samples are taken. */
  stopped: IngestStop | null = null
  #isLow = false
  #isFull = false
  #room: Room | undefined

  look(room: Room, at: UnixMs): void {
    const least = room.minFreeBytes * (this.#isLow ? RESUME_SHARE : 1)
    this.#isLow = room.freeBytes < least
    this.#room = room
    this.#decide(at)
  }

  /** What became of an append. */
  appended(error: Error | undefined, at: UnixMs): void {
    this.#isFull = error instanceof PlotlineError && error.code === 'STORAGE_FULL'
    this.#decide(at)
  }

  #decide(at: UnixMs): void {
    if (!this.#isLow && !this.#isFull) this.stopped = null
    else this.stopped = { since: this.stopped?.since ?? at, reason: this.#reason() }
  }

  #reason(): string {
    const { freeBytes = 0, minFreeBytes = 0 } = this.#room ?? {}
    const fault = this.#isLow
      ? `The disk of the data folder has ${bytesText(freeBytes)} free, less than the ${bytesText(minFreeBytes)} that deletions and ends of jobs may need.`
      : 'The disk of the data folder is full.'
    return `${fault} Samples that come are counted and dropped until there is room: free space, or delete jobs.`
  }
}
