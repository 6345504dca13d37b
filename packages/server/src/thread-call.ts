import type { MessagePort, Transferable, Worker } from 'node:worker_threads'
import { PlotlineError } from './errors.ts'

/**
 * Calls between threads: an object's async methods, served on one end of a port and called on the other. Arguments and results
 * are structured clones; what is in `transfer` moves instead. Calls are answered in any order, sent in order.
 */
type Method = (...args: never[]) => unknown
type Methods<T> = { readonly [K in keyof T]: T[K] extends Method ? T[K] : never }
type End = MessagePort | Worker

interface Call {
  readonly call: number
  readonly method: string
  readonly args: readonly unknown[]
}
interface Answer {
  readonly answer: number
  readonly value?: unknown
  readonly error?: ThrownThere
}
/** An error on its way: cloning alone would lose its class and its fields. */
interface ThrownThere {
  readonly name: string
  readonly message: string
  readonly stack: string
  /** `code` and its like. */
  readonly fields: object
}

/** Answers the calls that arrive on `port` with the methods of `target`. Other messages are left alone. */
export function serveCalls<T extends object>(port: MessagePort, target: Methods<T>): void {
  port.on('message', (message: Partial<Call>) => {
    if (message.call === undefined || message.method === undefined) return
    void answer(port, target, message as Call)
  })
}

async function answer<T extends object>(
  port: MessagePort,
  target: Methods<T>,
  { call, method, args }: Call,
): Promise<void> {
  try {
    const run = Reflect.get(target, method) as Method
    const value: unknown = await Reflect.apply(run, target, args)
    port.postMessage({ answer: call, value })
  } catch (error) {
    port.postMessage({ answer: call, error: describe(error) })
  }
}

function describe(error: unknown): ThrownThere {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: '', fields: {} }
  const { name, message, stack = '' } = error
  return { name, message, stack, fields: Object.fromEntries(Object.entries(error)) }
}

export interface Caller<T> {
  /** Rejects with the error that the method threw there, and when the other thread is gone. */
  call<K extends keyof T & string>(
    method: K,
    args: T[K] extends (...args: infer A) => unknown ? A : never,
    transfer?: readonly Transferable[],
  ): Promise<T[K] extends (...args: never[]) => infer R ? Awaited<R> : never>
}

/** The calling end of {@link serveCalls}. */
export function callsTo<T>(end: End): Caller<T> {
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  let next = 1
  end.on('message', (message: Partial<Answer>) => {
    if (message.answer === undefined) return
    const call = waiting.get(message.answer)
    waiting.delete(message.answer)
    if (message.error) call?.reject(revive(message.error))
    else call?.resolve(message.value as never)
  })
  let hasEnded = false
  const abandon = (): void => {
    hasEnded = true
    for (const call of waiting.values()) call.reject(threadEnded())
    waiting.clear()
  }
  end.on('close', abandon)
  end.on('exit', abandon)
  return {
    call: (method, args, transfer = []) =>
      new Promise((resolve, reject) => {
        if (hasEnded) {
          reject(threadEnded())
          return
        }
        const call = next++
        waiting.set(call, { resolve, reject })
        end.postMessage({ call, method, args } satisfies Call, [...transfer])
      }),
  }
}

const threadEnded = (): Error => new Error('The thread that should answer has ended.')

function revive({ name, message, stack, fields }: ThrownThere): Error {
  const { code, details } = { code: undefined, details: undefined, ...fields }
  if (name === 'PlotlineError') return new PlotlineError(code as never, message, details)
  return Object.assign(new Error(message), fields, { stack })
}
