import type { Account } from './account.ts'

/** Senders whose last datagram is remembered; beyond it those that were silent for longest are forgotten. */
const MAX_SOURCES = 4096

export interface Source {
  /** When its last datagram with samples came; undefined for its first. */
  lastAt: number | undefined
  /** Whose its last line was: its next datagram is at that one's cost. */
  payer: Account | undefined
}

/** Who sent what when: an address and port is one client. */
export class Sources {
  readonly #sources = new Map<string | number, Source>()

  /** `key`: whatever tells senders apart. */
  of(key: string | number): Source {
    const known = this.#sources.get(key)
    if (known !== undefined) return known
    const source: Source = { lastAt: undefined, payer: undefined }
    this.#sources.set(key, source)
    if (this.#sources.size > MAX_SOURCES) this.#forgetOldest()
    return source
  }

  #forgetOldest(): void {
    const byAge = [...this.#sources].toSorted(([, a], [, b]) => (a.lastAt ?? 0) - (b.lastAt ?? 0))
    for (const [key] of byAge.slice(0, MAX_SOURCES / 4)) this.#sources.delete(key)
  }
}
