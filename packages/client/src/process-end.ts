export const atExit = listenerOn('exit')
export const beforeExit = listenerOn('beforeExit')

/** One listener of the process for all clients: eleven of their own would make Node warn of a leak. */
function listenerOn(event: 'exit' | 'beforeExit'): (call: () => void) => () => void {
  const calls = new Set<() => void>()
  const callAll = (): void => calls.forEach((call) => call())
  return (call) => {
    if (calls.size === 0) process.on(event, callAll)
    calls.add(call)
    return () => {
      calls.delete(call)
      if (calls.size === 0) process.off(event, callAll)
    }
  }
}
