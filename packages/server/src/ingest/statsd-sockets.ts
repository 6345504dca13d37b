import type { JobId } from '../units.ts'
import type { KnownJob } from './intake.ts'
import { DropCounter, readKernelDrops } from './kernel-drops.ts'
import { openUdpSocket, type UdpSocket } from './udp-socket.ts'
import type { Warnings } from './warnings.ts'

const RECEIVE_BUFFER_BYTES = 8 * 2 ** 20
/** A job's own socket has fewer senders. */
const JOB_RECEIVE_BUFFER_BYTES = 2 ** 20

export interface StatsdSocketsOptions {
  readonly host: string
  /** Of the shared socket; 0 is any. */
  readonly port: number
  readonly receiveBufferBytes?: number
  readonly warnings: Warnings
  /** Hot path. Reads the bytes before it returns; `owner` is the job whose own socket they came by. */
  readonly onDatagram: (
    bytes: Uint8Array,
    sender: { readonly address: string; readonly port: number },
    owner: KnownJob | undefined,
  ) => void
}

/** Datagrams that the kernel dropped. */
export interface Drops {
  readonly shared: number
  /** Of every open job, also those that it dropped none of. */
  readonly own: ReadonlyMap<JobId, number>
}

/** Where samples come in: a socket that all jobs share, and one for each. */
export class StatsdSockets {
  readonly #options: StatsdSocketsOptions
  readonly #own = new Map<JobId, UdpSocket>()
  readonly #drops = new DropCounter()
  #shared: UdpSocket | undefined

  constructor(options: StatsdSocketsOptions) {
    this.#options = options
  }

  async listen(): Promise<void> {
    const { port, receiveBufferBytes = RECEIVE_BUFFER_BYTES, warnings } = this.#options
    this.#shared = await this.#listen(port, receiveBufferBytes, undefined)
    const given = this.#shared.receiveBufferBytes
    if (given < receiveBufferBytes) warnings.smallBuffer(receiveBufferBytes, given)
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: this.#options.host, port: this.#shared?.port ?? this.#options.port }
  }

  /** Gives the job a socket of its own and resolves to its port. */
  async open(job: KnownJob, formerPort: number | undefined): Promise<number> {
    const socket = await this.#listenAgain(job, formerPort)
    this.#own.set(job.jobId, socket)
    return socket.port
  }

  /** The port it had, since its clients know no other; any other where that is taken. */
  async #listenAgain(job: KnownJob, formerPort: number | undefined): Promise<UdpSocket> {
    if (formerPort === undefined) return this.#listen(0, JOB_RECEIVE_BUFFER_BYTES, job)
    try {
      return await this.#listen(formerPort, JOB_RECEIVE_BUFFER_BYTES, job)
    } catch {
      this.#options.warnings.portTaken(job.jobId, formerPort)
      return this.#listen(0, JOB_RECEIVE_BUFFER_BYTES, job)
    }
  }

  #listen(
    port: number,
    receiveBufferBytes: number,
    owner: KnownJob | undefined,
  ): Promise<UdpSocket> {
    const { host, onDatagram } = this.#options
    return openUdpSocket(host, port, receiveBufferBytes, (bytes, sender) =>
      onDatagram(bytes, sender, owner),
    )
  }

  async close(jobId: JobId): Promise<void> {
    const socket = this.#own.get(jobId)
    if (socket === undefined) return
    this.#own.delete(jobId)
    this.#options.warnings.forgetJob(jobId)
    this.#drops.forget(socket.port)
    await socket.close()
  }

  async closeAll(): Promise<void> {
    await this.#shared?.close()
    await Promise.all(Array.from(this.#own.values(), (socket) => socket.close()))
    this.#own.clear()
  }

  /** What was dropped since the last call. */
  async drops(): Promise<Drops> {
    if (this.#shared === undefined) return { shared: 0, own: new Map() }
    const table = await readKernelDrops(this.#shared.address)
    const own = new Map<JobId, number>()
    for (const [jobId, { port }] of this.#own) own.set(jobId, this.#drops.since(port, table))
    return { shared: this.#drops.since(this.#shared.port, table), own }
  }
}
