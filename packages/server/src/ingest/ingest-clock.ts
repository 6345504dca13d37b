import { unixMs, type UnixMs } from '../units.ts'

/** A restart within so short a time of its last tick is no clock that was set back. */
const RESTART_SLACK_MS = 2000

export interface ClockSource {
  /** Unix ms, as the machine's clock shows it: may jump. */
  wall(): number
  /** Ms since whenever: never jumps. */
  monotonic(): number
}

/** Unix time that never goes back: follows the machine's clock forward, runs on by itself while that is set back. */
export class IngestClock {
  readonly #source: ClockSource
  #offset: number
  #latest: number

  /** `floor`: time of the newest tick ever stored; what comes now must not lie before it. */
  constructor(source: ClockSource, floor: UnixMs) {
    this.#source = source
    const wall = source.wall()
    this.#latest = wall > floor - RESTART_SLACK_MS ? wall : floor + 1
    this.#offset = this.#latest - source.monotonic()
  }

  /** Whole ms. */
  now(): UnixMs {
    const now = Math.floor(this.#source.monotonic() + this.#offset)
    if (now > this.#latest) this.#latest = now
    return unixMs(Math.floor(this.#latest))
  }

  /** Compares with the machine's clock; to be called once a second or so. */
  follow(): void {
    const offset = this.#source.wall() - this.#source.monotonic()
    if (offset > this.#offset) this.#offset = offset
  }
}
