import { BatchBuilder } from '../metrics/aggregate-batch.ts'
import { secondOf } from '../metrics/aggregate-bucket.ts'
import type { BucketBatch } from '../metrics/bucket-batch.ts'
import { unixMs, type UnixMs } from '../units.ts'
import type { AccountCutter } from './account-cutter.ts'
import type { IngestClock } from './ingest-clock.ts'
import type { Intake } from './intake.ts'
import type { TakenJob } from './taken-job.ts'

export interface TickCutterOptions {
  readonly intake: Intake
  readonly accounts: AccountCutter
  readonly clock: IngestClock
  /** Time of the newest tick that the store ever had. */
  readonly floorMs: UnixMs
  readonly onTick: (batch: BucketBatch) => void
}

/** Cuts ticks from what was taken, each under a seq that is newer than all before it. */
export class TickCutter {
  readonly #options: TickCutterOptions
  /** Seq of the newest tick that was cut. */
  #cutTo: number

  constructor(options: TickCutterOptions) {
    this.#options = options
    this.#cutTo = options.floorMs
  }

  /** The seconds that are over become final. */
  cut(): void {
    const second = this.#openSecond()
    const seq = this.#seqOfComplete(second)
    if (seq >= this.#seqOfOpen(second)) this.cutAll()
    else this.#cut(seq, second)
  }

  /** All becomes final, the open second too; its tick is the one that readers were told of. */
  cutAll(): void {
    this.#cut(this.#seqOfOpen(this.#openSecond()), undefined)
  }

  /** As {@link cutAll}, with all accounts whatever the room: there may be no tick after it. */
  cutLast(): void {
    this.#options.accounts.makeDue()
    this.cutAll()
  }

  #cut(seq: UnixMs, openSecond: number | undefined): void {
    const { intake, accounts, onTick } = this.#options
    const batch = new BatchBuilder()
    for (const job of intake.jobs()) job.aggregate?.take(batch, openSecond)
    const changed = accounts.take()
    if (batch.length === 0 && changed.length === 0) return
    this.#cutTo = seq
    onTick(batch.finish(seq, changed))
  }

  /**
   * What no tick has yet, under the seq of the tick that will have it: what belongs to seconds that are over goes with the next
   * tick, what belongs to the open second with the one after that. So a reader that finds the seq stored has it all already.
   */
  uncut(job: TakenJob): BucketBatch[] {
    const second = this.#openSecond()
    const complete = new BatchBuilder()
    job.aggregate.peek(complete, second, false)
    const open = new BatchBuilder()
    job.aggregate.peek(open, second, true)
    const batches: BucketBatch[] = []
    if (complete.length > 0) batches.push(complete.finish(this.#seqOfComplete(second), []))
    const accounts = this.#options.accounts.peek(job)
    batches.push(open.finish(this.#seqOfOpen(second), accounts))
    return batches
  }

  #openSecond = (): number => secondOf(this.#options.clock.now())
  #seqOfComplete = (second: number): UnixMs => unixMs(Math.max(second * 1000, this.#cutTo + 1))
  #seqOfOpen = (second: number): UnixMs => unixMs(Math.max((second + 1) * 1000, this.#cutTo + 1))
}
