import { describe, expect, it } from 'vitest'
import { unixMs, type JobId } from '../units.ts'
import { Account } from './account.ts'

const JOB = 'jaaaaaaaaaaaa' as JobId

describe('Account', () => {
  it('goes on where it was stored', () => {
    const account = new Account()
    const line = Buffer.from('loss:nan|g')
    account.receive(3)
    account.refuse('value', 1, line, 0, line.length)
    account.refuse('type_clash', 2, line, 0, line.length)
    account.lose('kernel', 5, unixMs(1000))
    account.lose('client', 1, unixMs(1000))
    account.findBatched()
    const stored = account.snapshot(JOB)
    expect(Account.resume(stored).snapshot(JOB)).toEqual(stored)
    expect(stored.refused['value']).toMatchObject({ count: 1, lastLine: 'loss:nan|g' })
  })

  it('makes one mark of the losses of a second and keeps the latest marks', () => {
    const account = new Account()
    for (let t = 0; t < 300_000; t += 500) account.lose('kernel', 1, unixMs(t))
    expect(account.lossMarks).toHaveLength(200)
    expect(account.lossMarks.at(-1)).toEqual({ t: 299_000, kind: 'kernel', count: 2 })
    expect(account.lost.kernel).toBe(600)
  })
})
