import type { JobId } from '../units.ts'

/** What the operator should know, each with its way out, for as long as it is so. */
export class Warnings {
  readonly #texts = new Map<string, string>()

  get texts(): readonly string[] {
    return [...this.#texts.values()]
  }

  smallBuffer(askedBytes: number, givenBytes: number): void {
    this.#texts.set('buffer', smallBuffer(askedBytes, givenBytes))
  }

  portTaken(jobId: JobId, port: number): void {
    this.#texts.set(jobId, portTaken(jobId, port))
  }

  forgetJob(jobId: JobId): void {
    this.#texts.delete(jobId)
  }

  /** What became of an append. */
  appended(error: Error | undefined): void {
    if (error === undefined) this.#texts.delete('store')
    else this.#texts.set('store', storeFails(error))
  }
}

const smallBuffer = (askedBytes: number, givenBytes: number): string =>
  `The kernel gave the StatsD socket a receive buffer of ${mebibytes(givenBytes)} instead of ${mebibytes(askedBytes)}: bursts of samples ` +
  `may be lost. To allow it: sudo sysctl -w net.core.rmem_max=${askedBytes}`

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

const portTaken = (jobId: JobId, port: number): string =>
  `Job ${jobId} had its own StatsD port ${port}, which another program holds now: samples that it sends there without a job tag ` +
  `do not arrive.`

const storeFails = (error: Error): string =>
  `The store takes no samples at the moment (${error.message}). They are kept in memory and offered again each second.`
