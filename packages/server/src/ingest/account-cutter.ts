import type { JobAccount } from '../metrics/bucket-batch.ts'
import type { IngestClock } from './ingest-clock.ts'
import type { Intake } from './intake.ts'
import type { RoomWatch } from './room-watch.ts'
import type { TakenJob } from './taken-job.ts'

/** While no samples are taken, what is counted of them is stored so often: each time takes some of the room that is left. */
const STOPPED_ACCOUNT_MS = 60_000

/** Cuts from the accounts of all jobs, also of those that are over, what a tick has of them: each that changed. */
export class AccountCutter {
  readonly #intake: Intake
  readonly #room: RoomWatch
  readonly #clock: IngestClock
  #dueAt = 0

  constructor(intake: Intake, room: RoomWatch, clock: IngestClock) {
    this.#intake = intake
    this.#room = room
    this.#clock = clock
  }

  /** The next tick has them, whatever the room. */
  makeDue(): void {
    this.#dueAt = 0
  }

  take(): JobAccount[] {
    return this.#isDue() ? this.#takeChanged() : []
  }

  /** What the next tick will have of the job's. */
  peek({ jobId, account }: TakenJob): JobAccount[] {
    return account.isStored ? [] : [account.snapshot(jobId)]
  }

  #isDue(): boolean {
    const now = this.#clock.now()
    if (this.#room.stopped !== null && now < this.#dueAt) return false
    this.#dueAt = now + STOPPED_ACCOUNT_MS
    return true
  }

  #takeChanged(): JobAccount[] {
    const accounts: JobAccount[] = []
    for (const { jobId, account } of this.#intake.jobs()) {
      if (account === undefined || account.isStored) continue
      account.isStored = true
      accounts.push(account.snapshot(jobId))
    }
    return accounts
  }
}
