import { readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'

const TABLES = ['/proc/self/net/udp', '/proc/self/net/udp6']

/**
 * Datagrams that the kernel dropped so far of the sockets at `address`, by local port, in this network namespace. Empty where
 * there is no such table (macOS).
 */
export async function readKernelDrops(address: string): Promise<ReadonlyMap<number, number>> {
  const texts = await Promise.all(TABLES.map((path) => readFile(path, 'utf8').catch(() => '')))
  return parseDrops(texts.join('\n'), address)
}

/** Lines of `sl local_address:port ... inode ref pointer drops`, addresses and ports in hex. */
export function parseDrops(table: string, address: string): Map<number, number> {
  const drops = new Map<number, number>()
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/)
    const [local = '', portText = ''] = columns[1]?.split(':') ?? []
    const port = Number.parseInt(portText, 16)
    const dropped = Number(columns[12])
    if (isAt(local, address) && Number.isInteger(port) && Number.isInteger(dropped))
      drops.set(port, (drops.get(port) ?? 0) + dropped)
  }
  return drops
}

/** The table has the four bytes of an IPv4 address in the machine's order; those of IPv6 are told by their length alone. */
function isAt(local: string, address: string): boolean {
  if (!isIPv4(address)) return local.length === 32
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return local.toLowerCase() === bytes.toReversed().join('')
}

/** How many more were dropped since the last reading, port by port. */
export class DropCounter {
  readonly #known = new Map<number, number>()

  /** A socket begins with what the table says of its port, if it stands there already. */
  since(port: number, drops: ReadonlyMap<number, number>): number {
    const total = drops.get(port) ?? 0
    const before = this.#known.get(port) ?? 0
    this.#known.set(port, total)
    return Math.max(0, total - before)
  }

  forget(port: number): void {
    this.#known.delete(port)
  }
}
