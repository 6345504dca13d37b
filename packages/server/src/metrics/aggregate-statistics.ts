import type { MetricSummary, MetricType } from '@plotline/api'
import type { MetricName } from '@plotline/wire'
import type { Bucket } from './aggregate-bucket.ts'
import { addTo, finite, totalOf, valueOf, valueWith, type Total } from './aggregate-total.ts'
import type { SeriesSummary } from './metric-store.ts'

/** What a series' summary says, kept up bucket by bucket: of a counter, its running total in the order of arrival. */
export class SeriesStatistics {
  readonly #type: MetricType
  /** A counter's running total. */
  #total: Total = totalOf(0, 0)
  #last = 0
  #lastAt = Number.NEGATIVE_INFINITY
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #sum = 0
  #count = 0

  constructor(type: MetricType) {
    this.#type = type
  }

  /** Goes on where the store's summary ends. */
  static resume(stored: SeriesSummary): SeriesStatistics {
    const statistics = new SeriesStatistics(stored.type)
    if (stored.type === 'counter') statistics.#total = totalOf(stored.last, stored.carry)
    statistics.#last = stored.last
    statistics.#lastAt = stored.lastAt
    statistics.#min = stored.min
    statistics.#max = stored.max
    statistics.#sum = stored.sum
    statistics.#count = stored.count
    return statistics
  }

  get count(): number {
    return this.#count
  }
  /** A counter's running total, a gauge's value. */
  get last(): number {
    return this.#last
  }
  get lastAt(): number {
    return this.#lastAt
  }

  copy(): SeriesStatistics {
    const copy = new SeriesStatistics(this.#type)
    copy.#total = totalOf(this.#total.high, this.#total.low)
    copy.#last = this.#last
    copy.#lastAt = this.#lastAt
    copy.#min = this.#min
    copy.#max = this.#max
    copy.#sum = this.#sum
    copy.#count = this.#count
    return copy
  }

  add(bucket: Bucket): void {
    const isCounter = this.#type === 'counter'
    const before = isCounter ? valueOf(this.#total) : 0
    const min = isCounter ? valueWith(this.#total, bucket.min) : bucket.min
    const max = isCounter ? valueWith(this.#total, bucket.max) : bucket.max
    this.#min = Math.min(this.#min, min)
    this.#max = Math.max(this.#max, max)
    this.#sum = finite(this.#sum + bucket.sum + bucket.count * before)
    this.#count += bucket.count
    if (isCounter) {
      addTo(this.#total, bucket.last)
      this.#last = valueOf(this.#total)
    } else if (bucket.t >= this.#lastAt) this.#last = bucket.last
    this.#lastAt = Math.max(this.#lastAt, bucket.t)
  }

  summary(name: MetricName): MetricSummary {
    const type = this.#type
    if (this.#count === 0)
      return { name, type, last: null, lastAt: null, min: null, max: null, mean: null, samples: 0 }
    return {
      name,
      type,
      last: this.#last,
      lastAt: this.#lastAt,
      min: this.#min,
      max: this.#max,
      mean: this.#sum / this.#count,
      samples: this.#count,
    }
  }
}
