import { sameBytes } from './ascii.ts'

/** What the hash of no bytes is. */
export const HASH_SEED = -2_128_831_035

/** The hash with one more byte (FNV-1a). The tables are small and bounded, so nobody gains by colliding names. */
export const nextHash = (hash: number, byte: number): number => Math.imul(hash ^ byte, 16_777_619)

export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_SEED
  for (let at = start; at < end; at++) hash = nextHash(hash, bytes[at] ?? 0)
  return hash
}

/** Numbers the byte strings it is given from 0, without making texts of them, up to a maximum. */
export class ByteTable {
  readonly maxEntries: number
  #size = 0
  /** Entry + 1 at its hash or the next free place behind; 0 is free. */
  readonly #places: Int32Array
  readonly #mask: number
  readonly #hashes: Int32Array
  readonly #starts: Int32Array
  #bytes: Uint8Array

  constructor(maxEntries: number) {
    this.maxEntries = maxEntries
    const places = 2 ** Math.ceil(Math.log2(maxEntries * 2 + 1))
    this.#places = new Int32Array(places)
    this.#mask = places - 1
    this.#hashes = new Int32Array(maxEntries)
    this.#starts = new Int32Array(maxEntries + 1)
    this.#bytes = new Uint8Array(maxEntries * 16)
  }

  get size(): number {
    return this.#size
  }

  /** Hot path (bench/read-lines.mjs). The number of [start, end), -1 where it has none. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const entry = (this.#places[place] ?? 0) - 1
      if (entry < 0) return -1
      if (this.#hashes[entry] === hash && this.#isEntry(entry, bytes, start, end)) return entry
    }
  }

  /** The number of [start, end), a new one where it had none; -1 where the table is full. */
  add(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const found = this.find(bytes, start, end, hash)
    if (found >= 0 || this.#size === this.maxEntries) return found
    const entry = this.#size++
    this.#hashes[entry] = hash
    this.#keep(entry, bytes, start, end)
    let place = hash & this.#mask
    while (this.#places[place] !== 0) place = (place + 1) & this.#mask
    this.#places[place] = entry + 1
    return entry
  }

  #isEntry(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[entry] ?? 0
    const length = (this.#starts[entry + 1] ?? 0) - from
    return length === end - start && sameBytes(bytes, start, this.#bytes, from, length)
  }

  #keep(entry: number, bytes: Uint8Array, start: number, end: number): void {
    const from = this.#starts[entry] ?? 0
    const to = from + end - start
    if (to > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(to, this.#bytes.length * 2))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes.set(bytes.subarray(start, end), from)
    this.#starts[entry + 1] = to
  }
}
