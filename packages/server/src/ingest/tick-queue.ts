import { mergeBatches } from '../metrics/aggregate-merge.ts'
import type { BucketBatch } from '../metrics/bucket-batch.ts'
import type { JobId } from '../units.ts'

/** Ticks that wait for a store that takes none; beyond it the oldest are merged, two into one. */
export const MAX_WAITING_TICKS = 60
const RETRY_MS = 1000
/** A store that fails while the server closes is given up after so many attempts. */
const MAX_LAST_ATTEMPTS = 3

export interface TickQueueOptions {
  /** Resolves when the batch is stored. One at a time, in order: a batch behind one that failed would make its seq stale. */
  readonly append: (batch: BucketBatch) => Promise<void>
  /** Buckets of these jobs lost their own place in time. */
  readonly onMerge: (jobIds: readonly JobId[], lostBuckets: number) => void
  readonly onFailure: (error: Error | undefined) => void
  readonly retryMs?: number
}

/** Ticks on their way to the store, kept until it has them. */
export class TickQueue {
  readonly #options: TickQueueOptions
  #batches: BucketBatch[] = []
  #isSending = false
  #retry: NodeJS.Timeout | undefined
  #attemptsLeft = Number.POSITIVE_INFINITY
  #waiters: { readonly seq: number; readonly resolve: () => void }[] = []

  constructor(options: TickQueueOptions) {
    this.#options = options
  }

  /** What the store may not have yet, oldest first. */
  get waiting(): readonly BucketBatch[] {
    return this.#batches
  }

  push(batch: BucketBatch): void {
    this.#batches.push(batch)
    if (this.#batches.length > MAX_WAITING_TICKS) this.#mergeOldest()
    this.#send()
  }

  /** Resolves when all that was pushed so far is stored. */
  stored(): Promise<void> {
    const seq = this.#batches.at(-1)?.seq
    if (seq === undefined) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ seq, resolve }))
  }

  /** As {@link stored}, but resolves too when the store goes on failing. */
  async close(): Promise<void> {
    this.#attemptsLeft = MAX_LAST_ATTEMPTS
    if (this.#retry !== undefined) this.#sendAgain()
    await this.stored()
  }

  #send(): void {
    const [batch] = this.#batches
    if (batch === undefined || this.#isSending || this.#retry !== undefined) return
    this.#isSending = true
    void this.#options.append(batch).then(
      () => this.#settle(batch),
      (error: unknown) => this.#fail(error),
    )
  }

  #settle(batch: BucketBatch): void {
    this.#isSending = false
    this.#batches = this.#batches.filter((waiting) => waiting !== batch)
    this.#options.onFailure(undefined)
    this.#release(batch.seq)
    this.#send()
  }

  #fail(error: unknown): void {
    this.#isSending = false
    this.#options.onFailure(error instanceof Error ? error : new Error(String(error)))
    if (--this.#attemptsLeft <= 0) {
      this.#batches = []
      this.#release(Number.POSITIVE_INFINITY)
    } else this.#retry = setTimeout(() => this.#sendAgain(), this.#options.retryMs ?? RETRY_MS)
  }

  #sendAgain(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#send()
  }

  #release(seq: number): void {
    const due = this.#waiters.filter((waiter) => waiter.seq <= seq)
    this.#waiters = this.#waiters.filter((waiter) => waiter.seq > seq)
    for (const waiter of due) waiter.resolve()
  }

  /** The first may be in the store already, by an answer that was lost: it stays as it is. */
  #mergeOldest(): void {
    const [first, second, third, ...rest] = this.#batches
    if (first === undefined || second === undefined || third === undefined) return
    const merged = mergeBatches(second, third)
    this.#batches = [first, merged, ...rest]
    const lost = second.buckets.length + third.buckets.length - merged.buckets.length
    this.#options.onMerge([...new Set(merged.series.map((key) => key.jobId))], lost)
  }
}
