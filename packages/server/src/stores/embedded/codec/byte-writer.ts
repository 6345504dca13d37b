const FIRST_SIZE_BYTES = 1024

/** Bytes that grow as they are written, little-endian; the number forms of docs/format/chunk.md. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(sizeBytes = FIRST_SIZE_BYTES) {
    const buffer = new ArrayBuffer(sizeBytes)
    this.#bytes = new Uint8Array(buffer)
    this.#view = new DataView(buffer)
  }

  get length(): number {
    return this.#length
  }

  /** Begins again, in the same memory. */
  clear(): void {
    this.#length = 0
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#length, value, true)
    this.#length += 4
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** `value`: an integer in [0, 2^53). */
  varint(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#length++] = rest
  }

  zigzag(value: number): void {
    this.varint(zigzagOf(value))
  }

  /** A name of at most 255 ASCII characters, after its length. */
  name(text: string): void {
    this.u8(text.length)
    this.#reserve(text.length)
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i)
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** A view of what was written from `start`; later writes may move or change it. */
  written(start = 0): Uint8Array {
    return this.#bytes.subarray(start, this.#length)
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    grown.set(this.written())
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

/** Small magnitudes to small unsigned numbers; exact for |value| <= 2^52. */
export const zigzagOf = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1)
