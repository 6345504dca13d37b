import type { JobState } from '@plotline/api'

type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim'

/** Colours a text, or leaves it as it is where colours are not wanted. */
export type Paint = (colour: Colour, text: string) => string

const CODES: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2 }

export const colourPaint: Paint = (colour, text) => `\u001b[${CODES[colour]}m${text}\u001b[0m`
export const plainPaint: Paint = (_colour, text) => text

const STATE_COLOURS: Readonly<Record<JobState, Colour>> = {
  Pending: 'dim',
  Running: 'cyan',
  Stopped: 'green',
  Failed: 'red',
  Error: 'red',
  Cancelled: 'yellow',
}

export const paintState = (paint: Paint, state: JobState): string =>
  paint(STATE_COLOURS[state], state)
