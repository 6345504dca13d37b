import { hintFor, MAX_SHOWN_BYTES, REFUSALS, showLine } from '@plotline/wire'
import type { JobAccount, LossMark, RefusedCount } from '../metrics/bucket-batch.ts'
import { unixMs, type JobId, type UnixMs } from '../units.ts'

/** Marks of loss that an account keeps, the latest. */
const MAX_LOSS_MARKS = 200
/**
 * What one job (or all that belongs to none) may cost in a second, in bytes and {@link LINE_COST} for each line: about 1.7
 * million samples. What comes beyond it is dropped unread, so that one sender's flood leaves time for the others.
 */
export const MAX_COST_A_SECOND = 128 * 2 ** 20
const LINE_COST = 32
/** Losses of one kind within this time are one mark; a full disk may last. */
const MARK_MS: Readonly<Record<LossKind, number>> = {
  kernel: 1000,
  client: 1000,
  overload: 1000,
  storage: 60_000,
}

interface Refused {
  count: number
  readonly line: Uint8Array
  lineBytes: number
  /** As an earlier server left it, until there is a newer one. */
  shown: string | null
}

export type LossKind = LossMark['kind']

/** What was received, refused and lost of one job, or of none. */
export class Account {
  received = 0
  batched = false
  /** Whether the store, and whoever watches, know it as it is. */
  isStored = true
  isTold = true
  readonly lost = { kernel: 0, client: 0 }
  #costSecond = 0
  #cost = 0
  readonly #refused = new Map<string, Refused>()
  readonly #marks: LossMark[] = []

  static resume(stored: JobAccount): Account {
    const account = new Account()
    account.received = stored.received
    account.batched = stored.batched
    account.lost.kernel = stored.lost.kernel
    account.lost.client = stored.lost.client
    account.#marks.push(...stored.lossMarks)
    for (const [reason, { count, lastLine }] of Object.entries(stored.refused))
      account.#refused.set(reason, {
        count,
        line: new Uint8Array(MAX_SHOWN_BYTES),
        lineBytes: 0,
        shown: lastLine,
      })
    return account
  }

  receive(samples: number): void {
    this.received += samples
    this.#change()
  }

  /** Its client holds samples back and sends them in batches. */
  findBatched(): void {
    if (this.batched) return
    this.batched = true
    this.#change()
  }

  #change(): void {
    this.isStored = false
    this.isTold = false
  }

  /** Keeps the line as it is; what people see of it is made when somebody looks. */
  refuse(reason: string, count: number, bytes: Uint8Array, start: number, end: number): void {
    this.count(reason, count)
    const refused = this.#refused.get(reason)
    if (refused === undefined) return
    const lineBytes = Math.min(end - start, MAX_SHOWN_BYTES)
    for (let i = 0; i < lineBytes; i++) refused.line[i] = bytes[start + i] ?? 0
    refused.lineBytes = lineBytes
    refused.shown = null
  }

  count(reason: string, count: number): void {
    this.#change()
    const refused = this.#refused.get(reason)
    if (refused !== undefined) refused.count += count
    else
      this.#refused.set(reason, {
        count,
        line: new Uint8Array(MAX_SHOWN_BYTES),
        lineBytes: 0,
        shown: null,
      })
  }

  /** What reading a datagram cost. */
  spend(second: number, bytes: number, lines: number): void {
    if (second !== this.#costSecond) {
      this.#costSecond = second
      this.#cost = 0
    }
    this.#cost += bytes + lines * LINE_COST
  }

  isOverspent(second: number): boolean {
    return this.#cost > MAX_COST_A_SECOND && this.#costSecond === second
  }

  /** Counts a loss and marks its time; `overload` and `storage` are counted where they are refused. */
  lose(kind: LossKind, count: number, at: UnixMs): void {
    this.#change()
    if (kind === 'kernel' || kind === 'client') this.lost[kind] += count
    const place = this.#marks.findLastIndex((mark) => mark.kind === kind)
    const latest = this.#marks[place]
    if (latest !== undefined && at - latest.t < MARK_MS[kind])
      this.#marks[place] = { ...latest, count: latest.count + count }
    else this.#marks.push({ t: at, kind, count })
    if (this.#marks.length > MAX_LOSS_MARKS) this.#marks.shift()
  }

  get refused(): Record<string, RefusedCount> {
    return Object.fromEntries(
      Array.from(this.#refused, ([reason, one]) => [reason, shown(reason, one)]),
    )
  }

  get lossMarks(): readonly LossMark[] {
    return this.#marks.map(({ t, kind, count }) => ({ t: unixMs(t), kind, count }))
  }

  snapshot(jobId: JobId): JobAccount {
    return {
      jobId,
      received: this.received,
      refused: this.refused,
      lost: { ...this.lost },
      lossMarks: this.lossMarks,
      batched: this.batched,
    }
  }
}

function shown(reason: string, refused: Refused): RefusedCount {
  const { count, line, lineBytes } = refused
  const lastLine = lineBytes > 0 ? showLine(line, 0, lineBytes) : refused.shown
  const hint = lastLine === null ? undefined : hintOf(reason, lastLine)
  return { count, lastLine, ...(hint !== undefined && { hint }) }
}

/** What the person whose job sent it should know. */
function hintOf(reason: string, lastLine: string): string | undefined {
  const refusal = REFUSALS.find((one) => one === reason)
  return refusal === undefined ? HINTS[reason] : hintFor(refusal, lastLine)
}

const HINTS: Readonly<Record<string, string>> = {
  undeclared: 'The job does not declare this name: add it to the job, or correct it in the code.',
  type_clash: 'This metric began as the other type (counter or gauge); its first sample decides.',
  late: 'The time lies before the job began, or more than a minute ahead.',
  unknown_job: 'No job has the id that the tags of the line name, or they name none.',
  overload: 'More came in one second than the server takes of one job.',
  job_ended: 'The job was over when the line came.',
  storage_full: 'The server had no room to store samples: free space on its disk, or delete jobs.',
}
