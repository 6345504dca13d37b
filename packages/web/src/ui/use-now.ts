import { useEffect, useState } from 'react'

const TICK_MS = 1000
const CALM_TICK_MS = 20_000

/** The time: again each second while `isTicking`, for durations that run; else now and then, for "3 minutes ago". */
export function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), isTicking ? TICK_MS : CALM_TICK_MS)
    return () => clearInterval(timer)
  }, [isTicking])
  return now
}
