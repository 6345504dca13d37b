import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { JobAccount } from '../../metrics/bucket-batch.ts'
import { isJobId, unixMs } from '../../units.ts'

const Account = Type.Object({
  jobId: Type.String(),
  received: Type.Number(),
  refused: Type.Record(
    Type.String(),
    Type.Object({
      count: Type.Number(),
      lastLine: Type.Union([Type.String(), Type.Null()]),
      hint: Type.Optional(Type.String()),
    }),
  ),
  lost: Type.Object({ kernel: Type.Number(), client: Type.Number() }),
  lossMarks: Type.Array(
    Type.Object({
      t: Type.Number(),
      kind: Type.Enum(['kernel', 'client', 'overload']),
      count: Type.Number(),
    }),
  ),
  batched: Type.Boolean(),
})

/** Undefined where the text is no account, as after damage that a checksum did not see. */
export function accountOf(json: string): JobAccount | undefined {
  const account: unknown = JSON.parse(json)
  if (!Value.Check(Account, account) || !isJobId(account.jobId)) return undefined
  const lossMarks = account.lossMarks.map((mark) => ({ ...mark, t: unixMs(mark.t) }))
  return { ...account, jobId: account.jobId, lossMarks }
}
