/** Whether this browser's cookie is still good; any answer UNAUTHORIZED ends it. */
export interface SessionState {
  readonly isOpen: () => boolean
  readonly set: (isOpen: boolean) => void
  readonly subscribe: (onChange: () => void) => () => void
}

export function createSessionState(): SessionState {
  let isOpen = true
  const listeners = new Set<() => void>()
  return {
    isOpen: () => isOpen,
    set(next) {
      if (next === isOpen) return
      isOpen = next
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
