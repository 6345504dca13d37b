import type { Bucket } from './aggregate-bucket.ts'
import { finite } from './aggregate-total.ts'
import type { BucketBatch, JobAccount, SeriesKey } from './bucket-batch.ts'
import type { UnixMs } from '../units.ts'

const FIRST_CAPACITY = 64

/** Gathers buckets, series by series, into the columns of a batch. */
export class BatchBuilder {
  readonly #series: SeriesKey[] = []
  #capacity = FIRST_CAPACITY
  #length = 0
  #seriesOf = new Uint32Array(FIRST_CAPACITY)
  #estimated = new Uint8Array(FIRST_CAPACITY)
  /** t, last, min, max, sum, count, one behind the other in each row of six. */
  #rows = new Float64Array(FIRST_CAPACITY * 6)

  get length(): number {
    return this.#length
  }

  add(key: SeriesKey, bucket: Bucket): void {
    if (this.#series.at(-1) !== key) this.#series.push(key)
    if (this.#length === this.#capacity) this.#grow()
    const at = this.#length++
    const row = at * 6
    this.#seriesOf[at] = this.#series.length - 1
    this.#estimated[at] = bucket.estimated ? 1 : 0
    this.#rows[row] = bucket.t
    this.#rows[row + 1] = bucket.last
    this.#rows[row + 2] = finite(bucket.min)
    this.#rows[row + 3] = finite(bucket.max)
    this.#rows[row + 4] = finite(bucket.sum)
    this.#rows[row + 5] = bucket.count
  }

  finish(seq: UnixMs, accounts: readonly JobAccount[]): BucketBatch {
    const length = this.#length
    return {
      seq,
      series: this.#series,
      seriesOf: this.#seriesOf.slice(0, length),
      buckets: {
        length,
        t: this.#column(0),
        last: this.#column(1),
        min: this.#column(2),
        max: this.#column(3),
        sum: this.#column(4),
        count: this.#column(5),
        estimated: this.#estimated.slice(0, length),
      },
      accounts,
    }
  }

  #column(offset: number): Float64Array {
    const column = new Float64Array(this.#length)
    for (let i = 0; i < column.length; i++) column[i] = this.#rows[i * 6 + offset] ?? 0
    return column
  }

  #grow(): void {
    this.#capacity *= 2
    const [seriesOf, estimated, rows] = [this.#seriesOf, this.#estimated, this.#rows]
    this.#seriesOf = new Uint32Array(this.#capacity)
    this.#estimated = new Uint8Array(this.#capacity)
    this.#rows = new Float64Array(this.#capacity * 6)
    this.#seriesOf.set(seriesOf)
    this.#estimated.set(estimated)
    this.#rows.set(rows)
  }
}
