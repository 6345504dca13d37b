import { batchOfJob } from '../metrics/aggregate-merge.ts'
import type { BucketBatch } from '../metrics/bucket-batch.ts'
import type { Ingest, JobChange, JobStatus, OpenJob } from '../metrics/ingest.ts'
import type { Room } from '../metrics/metric-store.ts'
import { jobNotRunning, PlotlineError } from '../errors.ts'
import type { JobId, UnixMs } from '../units.ts'
import { AccountCutter } from './account-cutter.ts'
import { ChangeFeed } from './change-feed.ts'
import { IngestClock, type ClockSource } from './ingest-clock.ts'
import { Intake, type KnownJob } from './intake.ts'
import { Losses } from './losses.ts'
import { RoomWatch } from './room-watch.ts'
import { StatsdSockets } from './statsd-sockets.ts'
import { statusOf, takeUp, type TakenJob } from './taken-job.ts'
import { TickCutter } from './tick-cutter.ts'
import { TickQueue } from './tick-queue.ts'
import { TickTimer } from './tick-timer.ts'
import { Warnings } from './warnings.ts'

/** What a job sent before its end may still lie in the sockets. */
const END_GRACE_MS = 300
/** Jobs that ended: the latest, so that their late samples are told from those of strangers. */
const MAX_ENDED_JOBS = 10_000

export interface ReceiverOptions {
  readonly host: string
  /** 0 is any. */
  readonly port: number
  /** Time of the newest tick that the store ever had. */
  readonly floorMs: UnixMs
  readonly receiveBufferBytes?: number
  readonly endGraceMs?: number
  readonly retryMs?: number
  /** Resolves when the batch survives a crash; rejects when it may be tried again. */
  readonly append: (batch: BucketBatch) => Promise<void>
  /** What the store may still fill; asked each second. */
  readonly room: () => Promise<Room>
  readonly clock: ClockSource
}

interface Receiving extends TakenJob {
  readonly known: KnownJob
  /** Of its own socket. */
  readonly statsdPort: number
}

/** Receives samples and makes ticks of them: all of ingest, in the thread that it is called in. */
export async function openReceiver(options: ReceiverOptions): Promise<Ingest> {
  const receiver = new Receiver(options)
  await receiver.listen()
  return receiver
}

class Receiver implements Ingest {
  readonly #endGraceMs: number
  readonly #clock: IngestClock
  readonly #warnings = new Warnings()
  readonly #sockets: StatsdSockets
  readonly #intake = new Intake()
  readonly #changes: ChangeFeed
  readonly #losses: Losses
  readonly #room: RoomWatch
  readonly #queue: TickQueue
  readonly #ticks: TickCutter
  readonly #timer: TickTimer
  readonly #receiving = new Map<JobId, Receiving>()
  readonly #opening = new Map<JobId, Promise<Receiving>>()
  /** Who waits for a job's last tick, and need not once the job is forgotten. */
  readonly #ending = new Map<JobId, () => void>()

  constructor(options: ReceiverOptions) {
    const intake = this.#intake
    const clock = new IngestClock(options.clock, options.floorMs)
    this.#endGraceMs = options.endGraceMs ?? END_GRACE_MS
    this.#clock = clock
    this.#sockets = new StatsdSockets({
      ...options,
      warnings: this.#warnings,
      onDatagram: (bytes, sender, owner) => this.#receive(bytes, sender, owner),
    })
    this.#changes = new ChangeFeed(clock)
    this.#losses = new Losses(intake, this.#changes, clock)
    this.#room = new RoomWatch(options.room, clock, (isStopped) => (intake.isStopped = isStopped))
    this.#queue = new TickQueue({
      ...options,
      onMerge: (jobIds, lost) => this.#losses.merged(jobIds, lost),
      onFailure: (error) => {
        this.#room.appended(error)
        this.#warnings.appended(error)
      },
    })
    this.#ticks = new TickCutter({
      intake,
      accounts: new AccountCutter(intake, this.#room, clock),
      clock,
      floorMs: options.floorMs,
      onTick: (batch) => this.#queue.push(batch),
    })
    this.#timer = new TickTimer(clock, () => this.#tick())
  }

  async listen(): Promise<void> {
    await this.#sockets.listen()
    this.#timer.start()
  }

  get statsd(): Ingest['statsd'] {
    return this.#sockets.address
  }

  async open(job: OpenJob): Promise<{ readonly statsdPort: number }> {
    const opening = this.#opening.get(job.jobId) ?? this.#open(job)
    this.#opening.set(job.jobId, opening)
    try {
      const { statsdPort } = await opening
      return { statsdPort }
    } catch (error) {
      this.#opening.delete(job.jobId)
      this.#intake.remove(job.jobId)
      throw error
    }
  }

  async #open(job: OpenJob): Promise<Receiving> {
    const taken = takeUp(job)
    const known: KnownJob = { ...taken, datagram: -1 }
    this.#intake.add(known)
    const statsdPort = await this.#sockets.open(known, job.statsdPort)
    const receiving = { ...taken, known, statsdPort }
    this.#receiving.set(job.jobId, receiving)
    this.#changes.add(receiving)
    return receiving
  }

  async declare(jobId: JobId, names: Parameters<Ingest['declare']>[1]): Promise<void> {
    const receiving = await this.#opening.get(jobId)
    if (receiving === undefined) return
    receiving.aggregate.declare(names)
    this.#changes.changed(jobId)
  }

  async end(jobId: JobId, _at: UnixMs): Promise<void> {
    const receiving = await this.#opening.get(jobId)
    if (receiving === undefined) return
    await sleep(this.#endGraceMs)
    if (!this.#receiving.has(jobId)) return
    // Before its last tick is on its way: from then on it may be forgotten.
    const forgotten = this.#forgotten(jobId)
    this.#changes.flush(jobId)
    this.#ticks.cutLast()
    receiving.known.aggregate = undefined
    await this.#stopReceiving(jobId)
    this.#forgetOldEnded()
    await Promise.race([this.#queue.stored(), forgotten])
    this.#ending.delete(jobId)
  }

  #forgotten(jobId: JobId): Promise<void> {
    return new Promise((resolve) => this.#ending.set(jobId, resolve))
  }

  async forget(jobId: JobId): Promise<void> {
    const receiving = await this.#opening.get(jobId)
    this.#intake.remove(jobId)
    this.#ending.get(jobId)?.()
    if (receiving) await this.#stopReceiving(jobId)
  }

  async #stopReceiving(jobId: JobId): Promise<void> {
    this.#opening.delete(jobId)
    this.#receiving.delete(jobId)
    this.#changes.remove(jobId)
    await this.#sockets.close(jobId)
  }

  async remember(ended: readonly JobId[]): Promise<void> {
    for (const jobId of ended)
      if (this.#intake.get(jobId) === undefined)
        this.#intake.add({ jobId, aggregate: undefined, account: undefined, datagram: -1 })
    this.#forgetOldEnded()
  }

  #forgetOldEnded(): void {
    const ended = [...this.#intake.jobs()].filter((job) => job.aggregate === undefined)
    for (const job of ended.slice(0, Math.max(0, ended.length - MAX_ENDED_JOBS)))
      this.#intake.remove(job.jobId)
  }

  async accept(jobId: JobId, lines: Uint8Array): ReturnType<Ingest['accept']> {
    const receiving = await this.#opening.get(jobId)
    if (receiving === undefined) throw jobNotRunning(jobId, 'over or not begun')
    if (this.#room.stopped !== null)
      throw new PlotlineError('STORAGE_FULL', this.#room.stopped.reason)
    const answer = this.#intake.accept(lines, receiving.known, this.#clock.now())
    this.#afterIntake()
    return answer
  }

  /** Hot path (bench/ingest-udp.mjs). */
  #receive(
    bytes: Uint8Array,
    sender: { readonly address: string; readonly port: number },
    owner: KnownJob | undefined,
  ): void {
    const key = sender.address === '127.0.0.1' ? sender.port : `${sender.address}:${sender.port}`
    this.#intake.take(bytes, key, owner, this.#clock.now())
    this.#afterIntake()
  }

  #afterIntake(): void {
    const { touched } = this.#intake
    if (this.#intake.isFull) {
      this.#intake.isFull = false
      this.#ticks.cutAll()
    }
    for (const { jobId } of touched) this.#changes.changed(jobId)
    touched.length = 0
  }

  #tick(): void {
    this.#ticks.cut()
    void this.#countDrops()
    void this.#room.look()
  }

  async #countDrops(): Promise<void> {
    this.#losses.dropped(await this.#sockets.drops())
  }

  async watch(jobId: JobId, isWatched: boolean): Promise<void> {
    this.#changes.watch(jobId, isWatched)
  }

  onChange(listener: (change: JobChange) => void): void {
    this.#changes.onChange(listener)
  }

  async pending(jobId: JobId): Promise<readonly BucketBatch[]> {
    const waiting = this.#queue.waiting.flatMap((batch) => batchOfJob(batch, jobId) ?? [])
    const receiving = this.#receiving.get(jobId)
    return receiving === undefined ? waiting : [...waiting, ...this.#ticks.uncut(receiving)]
  }

  async settle(): Promise<void> {
    this.#ticks.cutAll()
    await this.#queue.stored()
  }

  async status(jobId: JobId): Promise<JobStatus | undefined> {
    const receiving = this.#receiving.get(jobId)
    return receiving && statusOf(receiving)
  }

  async account(): ReturnType<Ingest['account']> {
    const { server, datagrams, samples } = this.#intake
    return {
      refused: server.refused,
      lost: { kernel: server.lost.kernel },
      lossMarks: server.lossMarks,
      datagrams,
      samples,
      stopped: this.#room.stopped,
      warnings: this.#warnings.texts,
    }
  }

  async close(): Promise<void> {
    this.#timer.stop()
    await sleep(this.#endGraceMs)
    this.#changes.close()
    this.#ticks.cutLast()
    await this.#sockets.closeAll()
    this.#receiving.clear()
    this.#opening.clear()
    await this.#queue.close()
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
