import { BatchBuilder } from '../metrics/aggregate-batch.ts'
import { secondOf } from '../metrics/aggregate-bucket.ts'
import { JobAggregate } from '../metrics/aggregate-job.ts'
import { batchOfJob } from '../metrics/aggregate-merge.ts'
import type { BucketBatch, JobAccount } from '../metrics/bucket-batch.ts'
import type { Ingest, JobChange, JobStatus, OpenJob } from '../metrics/ingest.ts'
import type { Room } from '../metrics/metric-store.ts'
import { jobNotRunning, PlotlineError } from '../errors.ts'
import { unixMs, type JobId, type UnixMs } from '../units.ts'
import { Account } from './account.ts'
import { IngestClock, type ClockSource } from './ingest-clock.ts'
import { Intake, type KnownJob } from './intake.ts'
import { DropCounter, readKernelDrops } from './kernel-drops.ts'
import { RoomWatch } from './room-watch.ts'
import { TickQueue } from './tick-queue.ts'
import { openUdpSocket, type UdpSocket } from './udp-socket.ts'

const RECEIVE_BUFFER_BYTES = 8 * 2 ** 20
/** A job's own socket has fewer senders. */
const JOB_RECEIVE_BUFFER_BYTES = 2 ** 20
const TICK_MS = 1000
/** A job's changes are told at most so often. */
const CHANGE_MS = 250
/** A step of a program sends a datagram for each of its metrics: they are to be seen together. */
const GATHER_MS = 10
/** What a job sent before its end may still lie in the sockets. */
const END_GRACE_MS = 300
/** While no samples are taken, what is counted of them is stored so often: each time takes some of the room that is left. */
const STOPPED_ACCOUNT_MS = 60_000
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

/** An open job, its own socket, and when its changes were told. */
interface Receiving {
  readonly job: KnownJob
  readonly account: Account
  readonly aggregate: JobAggregate
  readonly socket: UdpSocket
  toldAt: number
  timer: NodeJS.Timeout | undefined
}

/** Receives samples and makes ticks of them: all of ingest, in the thread that it is called in. */
export async function openReceiver(options: ReceiverOptions): Promise<Ingest> {
  const receiver = new Receiver(options)
  await receiver.listen()
  return receiver
}

class Receiver implements Ingest {
  readonly #options: ReceiverOptions
  readonly #clock: IngestClock
  readonly #intake = new Intake()
  readonly #queue: TickQueue
  readonly #room = new RoomWatch()
  readonly #drops = new DropCounter()
  readonly #receiving = new Map<JobId, Receiving>()
  readonly #opening = new Map<JobId, Promise<Receiving>>()
  /** Jobs whose changes somebody waits for; those of the others would only cost. */
  readonly #watched = new Set<JobId>()
  /** Who waits for a job's last tick, and need not once the job is forgotten. */
  readonly #ending = new Map<JobId, () => void>()
  readonly #listeners: ((change: JobChange) => void)[] = []
  readonly #warnings = new Map<string, string>()
  #shared: UdpSocket | undefined
  #timer: NodeJS.Timeout | undefined
  #accountsDueAt = 0
  /** Seq of the newest tick that was cut. */
  #cutTo: number

  constructor(options: ReceiverOptions) {
    this.#options = options
    this.#clock = new IngestClock(options.clock, options.floorMs)
    this.#cutTo = options.floorMs
    this.#queue = new TickQueue({
      append: options.append,
      onMerge: (jobIds, lost) => this.#markMerge(jobIds, lost),
      onFailure: (error) => this.#heedStore(error),
      ...(options.retryMs !== undefined && { retryMs: options.retryMs }),
    })
  }

  async listen(): Promise<void> {
    const { host, port, receiveBufferBytes = RECEIVE_BUFFER_BYTES } = this.#options
    this.#shared = await openUdpSocket(host, port, receiveBufferBytes, (bytes, sender) =>
      this.#receive(bytes, sender, undefined),
    )
    const given = this.#shared.receiveBufferBytes
    if (given < receiveBufferBytes)
      this.#warnings.set('buffer', smallBuffer(receiveBufferBytes, given))
    this.#scheduleTick()
  }

  get statsd(): { readonly host: string; readonly port: number } {
    return { host: this.#options.host, port: this.#shared?.port ?? this.#options.port }
  }

  async open(job: OpenJob): Promise<{ readonly statsdPort: number }> {
    const opening = this.#opening.get(job.jobId) ?? this.#open(job)
    this.#opening.set(job.jobId, opening)
    try {
      const { socket } = await opening
      return { statsdPort: socket.port }
    } catch (error) {
      this.#opening.delete(job.jobId)
      this.#intake.remove(job.jobId)
      throw error
    }
  }

  async #open(job: OpenJob): Promise<Receiving> {
    const account = job.stored.account ? Account.resume(job.stored.account) : new Account()
    const aggregate = new JobAggregate(job)
    const known: KnownJob = { jobId: job.jobId, aggregate, account, datagram: -1 }
    this.#intake.add(known)
    const socket = await this.#openSocket(known, job.statsdPort)
    const receiving = { job: known, account, aggregate, socket, toldAt: 0, timer: undefined }
    this.#receiving.set(job.jobId, receiving)
    return receiving
  }

  /** The port it had, since its clients know no other; any other where that is taken. */
  async #openSocket(job: KnownJob, formerPort: number | undefined): Promise<UdpSocket> {
    const listen = (port: number): Promise<UdpSocket> =>
      openUdpSocket(this.#options.host, port, JOB_RECEIVE_BUFFER_BYTES, (bytes, sender) =>
        this.#receive(bytes, sender, job),
      )
    if (formerPort === undefined) return listen(0)
    try {
      return await listen(formerPort)
    } catch {
      this.#warnings.set(job.jobId, portTaken(job.jobId, formerPort))
      return listen(0)
    }
  }

  async declare(jobId: JobId, names: Parameters<Ingest['declare']>[1]): Promise<void> {
    const receiving = await this.#opening.get(jobId)
    receiving?.aggregate.declare(names)
    if (receiving) this.#changed(receiving)
  }

  async end(jobId: JobId, _at: UnixMs): Promise<void> {
    const receiving = await this.#opening.get(jobId)
    if (receiving === undefined) return
    await sleep(this.#options.endGraceMs ?? END_GRACE_MS)
    if (!this.#receiving.has(jobId)) return
    this.#tell(receiving)
    this.#accountsDueAt = 0
    this.#cutAll()
    receiving.job.aggregate = undefined
    await this.#stopReceiving(receiving)
    this.#forgetOldEnded()
    await Promise.race([this.#queue.stored(), this.#forgotten(jobId)])
    this.#ending.delete(jobId)
  }

  #forgotten(jobId: JobId): Promise<void> {
    return new Promise((resolve) => this.#ending.set(jobId, resolve))
  }

  async forget(jobId: JobId): Promise<void> {
    const receiving = await this.#opening.get(jobId)
    this.#intake.remove(jobId)
    this.#ending.get(jobId)?.()
    if (receiving) await this.#stopReceiving(receiving)
  }

  async #stopReceiving(receiving: Receiving): Promise<void> {
    const { jobId } = receiving.job
    this.#opening.delete(jobId)
    this.#receiving.delete(jobId)
    this.#warnings.delete(jobId)
    clearTimeout(receiving.timer)
    this.#drops.forget(receiving.socket.port)
    await receiving.socket.close()
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
    const answer = this.#intake.accept(lines, receiving.job, this.#clock.now())
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
      this.#cutAll()
    }
    for (const job of touched) {
      const receiving = this.#receiving.get(job.jobId)
      if (receiving !== undefined && receiving.timer === undefined) this.#changed(receiving)
    }
    touched.length = 0
  }

  /** Tells at once after a quiet time, else when the time has come. At once leaves room for what comes in the same breath. */
  #changed(receiving: Receiving): void {
    if (receiving.timer !== undefined || !this.#watched.has(receiving.job.jobId)) return
    const dueInMs = receiving.toldAt + CHANGE_MS - this.#clock.now()
    receiving.timer = setTimeout(() => this.#tell(receiving), Math.max(dueInMs, GATHER_MS))
  }

  #tell(receiving: Receiving): void {
    const { job, account, aggregate } = receiving
    if (!this.#watched.has(job.jobId)) return
    clearTimeout(receiving.timer)
    receiving.timer = undefined
    const t = this.#clock.now()
    receiving.toldAt = t
    const { series, reload } = aggregate.takeChanges()
    const isTold = account.isTold
    account.isTold = true
    if (series.length === 0 && isTold && !reload) return
    const status = isTold ? {} : { status: statusOf(receiving) }
    const change = { jobId: job.jobId, t, series, ...status, reload }
    for (const listener of this.#listeners) listener(change)
  }

  async watch(jobId: JobId, isWatched: boolean): Promise<void> {
    if (!isWatched) return void this.#watched.delete(jobId)
    const receiving = this.#receiving.get(jobId)
    if (receiving !== undefined && !this.#watched.has(jobId)) {
      receiving.aggregate.takeChanges()
      receiving.account.isTold = true
    }
    this.#watched.add(jobId)
  }

  onChange(listener: (change: JobChange) => void): void {
    this.#listeners.push(listener)
  }

  async pending(jobId: JobId): Promise<readonly BucketBatch[]> {
    const waiting = this.#queue.waiting.flatMap((batch) => batchOfJob(batch, jobId) ?? [])
    const receiving = this.#receiving.get(jobId)
    return receiving === undefined ? waiting : [...waiting, ...this.#uncut(receiving)]
  }

  /**
   * What no tick has yet, under the seq of the tick that will have it: what belongs to seconds that are over goes with the next
   * tick, what belongs to the open second with the one after that. So a reader that finds the seq stored has it all already.
   */
  #uncut({ aggregate, account, job }: Receiving): BucketBatch[] {
    const second = secondOf(this.#clock.now())
    const complete = new BatchBuilder()
    aggregate.peek(complete, second, false)
    const open = new BatchBuilder()
    aggregate.peek(open, second, true)
    const accounts = account.isStored ? [] : [account.snapshot(job.jobId)]
    const batches: BucketBatch[] = []
    if (complete.length > 0) batches.push(complete.finish(this.#seqOfComplete(second), []))
    batches.push(open.finish(this.#seqOfOpen(second), accounts))
    return batches
  }

  #seqOfComplete = (second: number): UnixMs => unixMs(Math.max(second * 1000, this.#cutTo + 1))
  #seqOfOpen = (second: number): UnixMs => unixMs(Math.max((second + 1) * 1000, this.#cutTo + 1))

  async settle(): Promise<void> {
    this.#cutAll()
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
      warnings: [...this.#warnings.values()],
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await sleep(this.#options.endGraceMs ?? END_GRACE_MS)
    for (const receiving of this.#receiving.values()) clearTimeout(receiving.timer)
    this.#accountsDueAt = 0
    this.#cutAll()
    await this.#shared?.close()
    await Promise.all(Array.from(this.#receiving.values(), ({ socket }) => socket.close()))
    this.#receiving.clear()
    this.#opening.clear()
    await this.#queue.close()
  }

  #scheduleTick(): void {
    const now = this.#clock.now()
    const due = now - (now % TICK_MS) + TICK_MS
    this.#timer = setTimeout(() => this.#tick(due), due - now)
  }

  #tick(due: number): void {
    // Timers may go off a moment early: the second that is about to end would wait for the next tick.
    if (this.#clock.now() < due) {
      this.#timer = setTimeout(() => this.#tick(due), 1)
      return
    }
    this.#cut()
    this.#clock.follow()
    this.#scheduleTick()
    void this.#countKernelDrops()
    void this.#lookForRoom()
  }

  /** The seconds that are over become final. */
  #cut(): void {
    const second = secondOf(this.#clock.now())
    const seq = this.#seqOfComplete(second)
    if (seq >= this.#seqOfOpen(second)) this.#cutAll()
    else this.#push(seq, second)
  }

  /** All becomes final, the open second too; its tick is the one that readers were told of. */
  #cutAll(): void {
    this.#push(this.#seqOfOpen(secondOf(this.#clock.now())), undefined)
  }

  #push(seq: UnixMs, openSecond: number | undefined): void {
    const batch = new BatchBuilder()
    for (const job of this.#intake.jobs()) job.aggregate?.take(batch, openSecond)
    const accounts = this.#areAccountsDue() ? this.#takeAccounts() : []
    if (batch.length === 0 && accounts.length === 0) return
    this.#cutTo = seq
    this.#queue.push(batch.finish(seq, accounts))
  }

  #areAccountsDue(): boolean {
    const now = this.#clock.now()
    if (this.#room.stopped !== null && now < this.#accountsDueAt) return false
    this.#accountsDueAt = now + STOPPED_ACCOUNT_MS
    return true
  }

  #takeAccounts(): JobAccount[] {
    const accounts: JobAccount[] = []
    for (const { jobId, account } of this.#intake.jobs()) {
      if (account === undefined || account.isStored) continue
      account.isStored = true
      accounts.push(account.snapshot(jobId))
    }
    return accounts
  }

  async #lookForRoom(): Promise<void> {
    try {
      this.#room.look(await this.#options.room(), this.#clock.now())
    } catch {
      return // the store's own failures are told where it appends
    }
    this.#intake.isStopped = this.#room.stopped !== null
  }

  async #countKernelDrops(): Promise<void> {
    const shared = this.#shared
    if (shared === undefined) return
    const drops = await readKernelDrops(shared.address)
    const at = this.#clock.now()
    const fromShared = this.#drops.since(shared.port, drops)
    if (fromShared > 0) this.#intake.server.lose('kernel', fromShared, at)
    for (const receiving of this.#receiving.values()) {
      const fromOwn = this.#drops.since(receiving.socket.port, drops)
      if (fromOwn > 0) this.#intake.server.lose('kernel', fromOwn, at)
      if (fromShared + fromOwn === 0) continue
      receiving.account.lose('kernel', fromShared + fromOwn, at)
      this.#changed(receiving)
    }
  }

  #markMerge(jobIds: readonly JobId[], lostBuckets: number): void {
    const at = this.#clock.now()
    this.#intake.server.lose('overload', lostBuckets, at)
    for (const jobId of jobIds) this.#intake.get(jobId)?.account?.lose('overload', lostBuckets, at)
  }

  #heedStore(error: Error | undefined): void {
    this.#room.appended(error, this.#clock.now())
    this.#intake.isStopped = this.#room.stopped !== null
    if (error === undefined) this.#warnings.delete('store')
    else this.#warnings.set('store', storeFails(error))
  }
}

function statusOf({ job, account, aggregate }: Receiving): JobStatus {
  return { undeclared: aggregate.undeclared(), account: account.snapshot(job.jobId) }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

const smallBuffer = (asked: number, given: number): string =>
  `The kernel gave the StatsD socket a receive buffer of ${mebibytes(given)} instead of ${mebibytes(asked)}: bursts of samples ` +
  `may be lost. To allow it: sudo sysctl -w net.core.rmem_max=${asked}`

const portTaken = (jobId: JobId, port: number): string =>
  `Job ${jobId} had its own StatsD port ${port}, which another program holds now: samples that it sends there without a job tag ` +
  `do not arrive.`

const storeFails = (error: Error): string =>
  `The store takes no samples at the moment (${error.message}). They are kept in memory and offered again each second.`
