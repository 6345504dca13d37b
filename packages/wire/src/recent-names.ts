import { COLON, sameInViews } from './ascii.ts'
import { MAX_NAME_BYTES } from './metric-name.ts'

/** Names that are remembered at a time; a power of two. */
export const RECENT_NAMES = 256

/**
 * The names of the last lines, each in the place that its hash gives it, and which of them came after which. A client sends its
 * metrics in the same order again and again: comparing with the expected name takes a third of what reading and hashing one does.
 */
export class RecentNames {
  /** Place of the name found or put last. */
  place = 0
  readonly #lengths = new Uint8Array(RECENT_NAMES)
  readonly #hashes = new Int32Array(RECENT_NAMES)
  readonly #serials = new Int32Array(RECENT_NAMES)
  readonly #bytes = new DataView(new ArrayBuffer(RECENT_NAMES * MAX_NAME_BYTES))
  /** The place whose name came after that of each place. */
  readonly #followers = new Uint8Array(RECENT_NAMES)
  #serial = 0

  get hash(): number {
    return this.#hashes[this.place] ?? 0
  }

  /** Tells the names apart that were in a place one after the other: equal place and serial is the same name. */
  get serial(): number {
    return this.#serials[this.place] ?? 0
  }

  /** Hot path (bench/read-lines.mjs). Whether the expected name and a colon stand at `start`: its length, else 0. */
  expect(bytes: DataView, start: number, end: number): number {
    const place = this.#followers[this.place] ?? 0
    const length = this.#lengths[place] ?? 0
    if (length === 0 || start + length >= end || bytes.getUint8(start + length) !== COLON) return 0
    if (!sameInViews(bytes, start, this.#bytes, place * MAX_NAME_BYTES, length)) return 0
    this.place = place
    return length
  }

  /** Remembers the name [start, end), of at most MAX_NAME_BYTES. */
  put(bytes: DataView, start: number, end: number, hash: number): void {
    const place = hash & (RECENT_NAMES - 1)
    const length = end - start
    const from = place * MAX_NAME_BYTES
    const isKnown =
      this.#hashes[place] === hash &&
      this.#lengths[place] === length &&
      sameInViews(bytes, start, this.#bytes, from, length)
    if (!isKnown) {
      this.#hashes[place] = hash
      this.#lengths[place] = length
      this.#serials[place] = ++this.#serial
      for (let i = 0; i < length; i++) this.#bytes.setUint8(from + i, bytes.getUint8(start + i))
    }
    this.#followers[this.place] = place
    this.place = place
  }
}
