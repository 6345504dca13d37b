import type { UndeclaredMetric } from '@plotline/api'
import { MAX_JOB_METRICS } from '@plotline/api/names'
import {
  ByteTable,
  hashOf,
  isMetricName,
  RECENT_NAMES,
  type LineReader,
  type MetricName,
} from '@plotline/wire'
import type { BatchBuilder } from './aggregate-batch.ts'
import { SeriesAggregate } from './aggregate-series.ts'
import type { OpenJob, SeriesChange } from './ingest.ts'
import type { JobId, UnixMs } from '../units.ts'

/** Names that a job sends without having declared them are kept aside, so many of them. */
const MAX_UNDECLARED = 100
/** A sample may lie so far ahead of the server's clock. */
const MAX_AHEAD_MS = 60_000
/** An increment of this size may take a counter's total out of a double's range. */
const HUGE = 1e300

/** A name that the job declared or sent; its series begins with its first accepted sample. */
interface Slot {
  readonly name: MetricName
  isDeclared: boolean
  series: SeriesAggregate | undefined
}

/** Why a sample that reads well is not stored. */
export type SampleRefusal = 'undeclared' | 'type_clash' | 'late' | 'value'

/** The metrics of one open job. Pure: every time is an argument. */
export class JobAggregate {
  readonly jobId: JobId
  readonly #createdAt: UnixMs
  readonly #names = new ByteTable(MAX_JOB_METRICS + MAX_UNDECLARED)
  readonly #slots: Slot[] = []
  readonly #recentSerials = new Int32Array(RECENT_NAMES)
  readonly #recentSlots: (Slot | undefined)[] = []
  #undeclared = 0

  constructor(job: Pick<OpenJob, 'jobId' | 'declared' | 'createdAt' | 'stored'>) {
    this.jobId = job.jobId
    this.#createdAt = job.createdAt
    const stored = new Map(job.stored.series.map((series) => [series.name, series]))
    for (const name of new Set([...job.declared, ...stored.keys()])) {
      const slot = this.#addSlot(name, true)
      const summary = stored.get(name)
      if (slot && summary) slot.series = SeriesAggregate.resume(job.jobId, summary)
    }
  }

  get createdAt(): UnixMs {
    return this.#createdAt
  }

  /** Hot path (bench/ingest-udp.mjs). The series of the line that `line` stands at, or why it has none. */
  seriesOf(line: LineReader): SeriesAggregate | SampleRefusal {
    const slot = this.#slotOf(line)
    if (slot === undefined) return 'undeclared'
    const isCounter = line.type === 'c'
    const series = (slot.series ??= new SeriesAggregate(
      this.jobId,
      slot.name,
      isCounter ? 'counter' : 'gauge',
      slot.isDeclared,
    ))
    return series.isCounter === isCounter ? series : 'type_clash'
  }

  /** Names that came lately are found by their place among the reader's recent ones, others by their bytes. */
  #slotOf(line: LineReader): Slot | undefined {
    const { namePlace, nameSerial } = line
    if (this.#recentSerials[namePlace] === nameSerial) return this.#recentSlots[namePlace]
    const { bytes, nameStart, nameEnd } = line
    const entry = this.#names.find(bytes, nameStart, nameEnd, line.nameHash)
    const slot = entry < 0 ? this.#addUndeclared(bytes, nameStart, nameEnd) : this.#slots[entry]
    if (slot !== undefined) {
      this.#recentSerials[namePlace] = nameSerial
      this.#recentSlots[namePlace] = slot
    }
    return slot
  }

  /** Where a sample belongs that names the second `time`; undefined where that is too early or too far ahead. */
  timeOf(time: number, now: UnixMs): number | undefined {
    const t = time * 1000
    if (t + 999 < this.#createdAt || t > now + MAX_AHEAD_MS) return undefined
    return Math.max(t, this.#createdAt)
  }

  /** Whether huge increments among these would take the counter out of a double's range. */
  isTooMuch(series: SeriesAggregate, values: Float64Array, count: number): boolean {
    if (!series.isCounter) return false
    for (let i = 0; i < count; i++) {
      const value = Math.abs(values[i] ?? 0)
      if (value >= HUGE && !series.hasRoomFor(value)) return true
    }
    return false
  }

  declare(names: readonly MetricName[]): void {
    for (const name of names) {
      const slot = this.#slots.find((known) => known.name === name)
      if (slot === undefined) this.#addSlot(name, true)
      else if (!slot.isDeclared) {
        slot.isDeclared = true
        slot.series = slot.series?.declared()
        this.#undeclared--
      }
    }
  }

  /** Adds what waits of all series to `batch`: of the second `second` only, or of all others. It goes on waiting. */
  peek(batch: BatchBuilder, second: number, isOnly: boolean): void {
    for (const { series } of this.#slots) if (series?.isWaiting) series.peek(batch, second, isOnly)
  }

  /** Moves what waits to `batch`, all but the second `openSecond`, where there is one. */
  take(batch: BatchBuilder, openSecond: number | undefined): void {
    for (const { series } of this.#slots) if (series?.isWaiting) series.take(batch, openSecond)
  }

  /** What the graphs of the declared metrics gained since the last call. */
  takeChanges(): { readonly series: readonly SeriesChange[]; readonly reload: boolean } {
    const changed = this.#slots.flatMap(({ series }) =>
      series?.isDeclared && series.isChanged ? [series] : [],
    )
    const reload = changed.some((series) => series.isHistoryChanged)
    return { series: changed.map((series) => series.takeChange()), reload }
  }

  /** The names kept aside, in the order of their coming. */
  undeclared(): UndeclaredMetric[] {
    return this.#slots.flatMap(({ isDeclared, series }) => {
      if (isDeclared || series === undefined) return []
      const { name, type } = series.key
      const { last, count } = series.statistics
      return count === 0 ? [] : [{ name, type, last, samples: count }]
    })
  }

  #addUndeclared(bytes: Uint8Array, start: number, end: number): Slot | undefined {
    if (this.#undeclared === MAX_UNDECLARED) return undefined
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    if (!isMetricName(name)) return undefined
    const slot = this.#addSlot(name, false)
    if (slot) this.#undeclared++
    return slot
  }

  /** Undefined where the job has too many names already. */
  #addSlot(name: MetricName, isDeclared: boolean): Slot | undefined {
    const bytes = Buffer.from(name, 'latin1')
    const entry = this.#names.add(bytes, 0, bytes.length, hashOf(bytes, 0, bytes.length))
    if (entry < 0) return undefined
    return (this.#slots[entry] ??= { name, isDeclared, series: undefined })
  }
}
