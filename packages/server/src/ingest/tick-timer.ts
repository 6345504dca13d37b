import type { IngestClock } from './ingest-clock.ts'

const TICK_MS = 1000

/** Goes off at the end of each second of the ingest clock. */
export class TickTimer {
  readonly #clock: IngestClock
  readonly #onTick: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(clock: IngestClock, onTick: () => void) {
    this.#clock = clock
    this.#onTick = onTick
  }

  start(): void {
    const now = this.#clock.now()
    const due = now - (now % TICK_MS) + TICK_MS
    this.#timer = setTimeout(() => this.#tick(due), due - now)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #tick(due: number): void {
    // Timers may go off a moment early: the second that is about to end would wait for the next tick.
    if (this.#clock.now() < due) {
      this.#timer = setTimeout(() => this.#tick(due), 1)
      return
    }
    this.#onTick()
    this.#clock.follow()
    this.start()
  }
}
