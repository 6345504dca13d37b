import type { JobAccount, LossMark, RefusedCount } from '../../metrics/bucket-batch.ts'
import { isJobId, unixMs } from '../../units.ts'

/**
 * Undefined where the text is no account, as after damage that a checksum did not see. By hand: a schema library would be loaded
 * in both threads for this alone, 0.1 s of the server's start.
 */
export function accountOf(json: string): JobAccount | undefined {
  const account = fieldsOf(parsed(json))
  const lost = fieldsOf(account['lost'])
  const { jobId, received, batched, lossMarks } = account
  if (typeof jobId !== 'string' || !isJobId(jobId)) return undefined
  return {
    jobId,
    received: numberOf(received),
    refused: Object.fromEntries(
      Object.entries(fieldsOf(account['refused'])).map(([reason, count]) => [
        reason,
        refusedOf(fieldsOf(count)),
      ]),
    ),
    lost: { kernel: numberOf(lost['kernel']), client: numberOf(lost['client']) },
    lossMarks: Array.isArray(lossMarks) ? lossMarks.map((mark) => markOf(fieldsOf(mark))) : [],
    batched: batched === true,
  }
}

/** Undefined of what is no JSON, which accounts of files without checksums may be. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

function refusedOf({ count, lastLine, hint }: Fields): RefusedCount {
  return {
    count: numberOf(count),
    lastLine: typeof lastLine === 'string' ? lastLine : null,
    ...(typeof hint === 'string' && { hint }),
  }
}

const KINDS: readonly LossMark['kind'][] = ['kernel', 'client', 'overload', 'storage']

function markOf({ t, kind, count }: Fields): LossMark {
  return {
    t: unixMs(numberOf(t)),
    kind: KINDS.find((known) => known === kind) ?? 'kernel',
    count: numberOf(count),
  }
}
