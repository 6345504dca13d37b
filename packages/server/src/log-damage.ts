import type { Logger } from './log.ts'

export interface DamageSource {
  /** All that was found so far. */
  damage(): Promise<readonly { readonly job: string; readonly what: string }[]>
}

const LOOK_EVERY_MS = 10_000

/** Tells whoever reads the log, once, what of the stored metrics is damaged. */
export function logDamage(
  source: DamageSource,
  log: Logger,
  everyMs = LOOK_EVERY_MS,
): { close(): Promise<void> } {
  const told = new Set<string>()
  const look = async (): Promise<void> => {
    for (const { job, what } of await source.damage()) {
      const key = `${job} ${what}`
      if (!told.has(key)) log.error({ job, what }, 'damaged metrics')
      told.add(key)
    }
  }
  let looking = Promise.resolve()
  const lookAgain = (): void => {
    looking = looking.then(look)
  }
  lookAgain()
  const timer = setInterval(lookAgain, everyMs).unref()
  return {
    close() {
      clearInterval(timer)
      return looking
    },
  }
}
