/** Each takes three descriptors and about 0.15 MB. */
export const MAX_OPEN_JOBS = 256

/** Files that stay open by use: at most `limit`, the one unused longest is closed first. */
export class OpenFiles<F extends { close(): void }> {
  readonly #limit: number
  readonly #open: (key: string) => F
  readonly #files = new Map<string, F>()

  constructor(limit: number, open: (key: string) => F) {
    this.#limit = limit
    this.#open = open
  }

  get(key: string): F {
    const file = this.#files.get(key) ?? this.#open(key)
    this.#files.delete(key)
    this.#files.set(key, file)
    const [oldest] = this.#files.keys()
    if (this.#files.size > this.#limit && oldest !== undefined) this.close(oldest)
    return file
  }

  close(key: string): void {
    const file = this.#files.get(key)
    this.#files.delete(key)
    file?.close()
  }

  closeAll(): void {
    for (const key of this.#files.keys()) this.close(key)
  }
}
