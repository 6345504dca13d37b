import type { Refused } from '@plotline/api'

/** What was sent undeclared is kept aside and offered by its own banner; clients' reports on themselves are nobody's mistake. */
const NO_FAULTS: ReadonlySet<string> = new Set(['undeclared', 'telemetry'])

/** The reasons that a person should know of, of all that was refused. */
export const faultsOf = (refused: Readonly<Record<string, Refused>>): [string, Refused][] =>
  Object.entries(refused).filter(([reason]) => !NO_FAULTS.has(reason))

export const countFaults = (refused: Readonly<Record<string, Refused>>): number =>
  faultsOf(refused).reduce((sum, [, { count }]) => sum + count, 0)
