/** Thrown by readers of bytes that cannot be what was written; whoever asked for the bytes counts it as damage. */
export class DamagedBytes extends Error {
  override readonly name = 'DamagedBytes'
}

const MAX_VARINT_BYTES = 8

/** Reads what {@link ByteWriter} wrote; past the end it throws {@link DamagedBytes}. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get at(): number {
    return this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
    throw new DamagedBytes('A number has no end.')
  }

  zigzag(): number {
    return unzigzag(this.varint())
  }

  name(): string {
    return String.fromCharCode(...this.bytes(this.u8()))
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#bytes.length) throw new DamagedBytes('The bytes end too early.')
    this.#at += length
    return start
  }
}

/** Hot path (bench/query-span.mjs): 32 bits at once where they are enough, since a remainder of doubles takes ten times as long. */
export function unzigzag(value: number): number {
  if (value < 2 ** 32) return (value >>> 1) ^ -(value & 1)
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}
