import type { LossMark } from '@plotline/api'
import { formatClock } from '../charts/time-format.ts'

const WHY: Readonly<Record<LossMark['kind'], string>> = {
  kernel: 'receive buffer full',
  client: "dropped by the job's own client",
  overload: 'more came than the server could take',
  storage: 'no room to store them',
}

/** One sentence for each way that datagrams were lost. */
export function lossWords(marks: readonly LossMark[]): string[] {
  return (['kernel', 'client', 'overload', 'storage'] as const).flatMap((kind) => {
    const own = marks.filter((mark) => mark.kind === kind)
    const count = own.reduce((sum, mark) => sum + mark.count, 0)
    const [first] = own
    const last = own.at(-1)
    if (count === 0 || first === undefined || last === undefined) return []
    const thing = kind === 'storage' ? 'sample' : 'datagram'
    const things = count === 1 ? `${thing} was` : `${thing}s were`
    return [
      `About ${count.toLocaleString('en-US')} ${things} lost at ${when(first.t, last.t)} (${WHY[kind]}).`,
    ]
  })
}

function when(from: number, to: number): string {
  const [first, last] = [minute(from), minute(to)]
  return first === last ? first : `${first}–${last}`
}

const minute = (t: number): string => formatClock(t).slice(0, 5)
