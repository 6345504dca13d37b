import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { PlotlineError } from './errors.ts'
import { callsTo, serveCalls } from './thread-call.ts'

const target = {
  async add(a: number, b: number) {
    return a + b
  },
  async fill(values: Float64Array) {
    return values.fill(7)
  },
  async refuse() {
    throw new PlotlineError('JOB_NOT_FOUND', 'gone', [{ field: 'id' }])
  },
  async listen() {
    throw Object.assign(new Error('taken'), { code: 'EADDRINUSE', port: 8125 })
  },
}

function connect() {
  const { port1, port2 } = new MessageChannel()
  serveCalls<typeof target>(port1, target)
  return { calls: callsTo<typeof target>(port2), end: () => port1.close() }
}

describe('calls between threads', () => {
  it('come back with what the method answered, each to its caller', async () => {
    const { calls, end } = connect()
    const sums = [1, 2, 3].map((n) => calls.call('add', [n, 10]))
    expect(await Promise.all(sums)).toEqual([11, 12, 13])
    end()
  })

  it('move what is in transfer', async () => {
    const { calls, end } = connect()
    const values = new Float64Array(3)
    expect(await calls.call('fill', [values], [values.buffer])).toEqual(Float64Array.of(7, 7, 7))
    expect(values.length).toBe(0)
    end()
  })

  it('bring errors over as what they are', async () => {
    const { calls, end } = connect()
    const refused = await calls.call('refuse', []).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(PlotlineError)
    expect(refused).toMatchObject({
      code: 'JOB_NOT_FOUND',
      message: 'gone',
      status: 404,
      details: [{ field: 'id' }],
    })
    await expect(calls.call('listen', [])).rejects.toMatchObject({
      message: 'taken',
      code: 'EADDRINUSE',
      port: 8125,
    })
    end()
  })

  it('fail when the other end goes away', async () => {
    const { port1, port2 } = new MessageChannel()
    const calls = callsTo<typeof target>(port2)
    const waiting = calls.call('add', [1, 2])
    port1.close()
    await expect(waiting).rejects.toThrow('The thread that should answer has ended.')
  })
})
