import { readFileSync } from 'node:fs'

/**
 * What `work` took of the processor, all threads of ours, and what it wrote to files.
 * @returns {Promise<{ ms: number, cpuUs: number, writtenBytes: number }>} NaN bytes where it is not Linux
 */
export async function costOf(work) {
  const [written, cpu, start] = [writtenBytes(), process.cpuUsage(), performance.now()]
  await work()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpuUs: user + system, writtenBytes: writtenBytes() - written }
}

function writtenBytes() {
  try {
    return Number(/wchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}
