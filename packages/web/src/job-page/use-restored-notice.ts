import { useEffect } from 'react'
import { useLiveState } from '../live/use-live.tsx'
import { useToast } from '../ui/toast.tsx'

/** A blink of the line is not worth a word. */
const WORTH_SAYING_MS = 1000

/** Says when the line came back, and how much was filled in. */
export function useRestoredNotice(): void {
  const state = useLiveState()
  const toast = useToast()
  const restored = state.kind === 'live' ? state.restored : undefined
  useEffect(() => {
    if (restored === undefined || restored.gapMs < WORTH_SAYING_MS) return
    toast(`Reconnected. ${Math.round(restored.gapMs / 1000)} s of data restored.`)
  }, [restored, toast])
}
