import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const CSS = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const SERIES = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `series-${n}`)
const GROUNDS = ['ground', 'surface', 'surface-raised']

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('the %s theme', (_theme, side) => {
  it.each(SERIES)('draws %s at 3:1 or more on a chart', (name) => {
    expect(contrast(name, 'surface', side)).toBeGreaterThanOrEqual(3)
  })

  it.each(['text', 'text-muted', 'text-faint', 'accent-text', 'bad'])(
    'writes %s at 4.5:1 or more on every ground',
    (name) => {
      for (const ground of GROUNDS)
        expect(contrast(name, ground, side), ground).toBeGreaterThanOrEqual(4.5)
    },
  )

  it.each(['info', 'good', 'warn', 'bad', 'calm'])(
    'writes %s at 4.5:1 on its soft ground',
    (tone) => {
      expect(contrast(tone, `${tone}-soft`, side)).toBeGreaterThanOrEqual(4.5)
    },
  )

  it.each(GROUNDS)('outlines inputs at 3:1 on %s', (ground) => {
    expect(contrast('border-input', ground, side)).toBeGreaterThanOrEqual(3)
  })

  it.each(['accent', 'accent-hover', 'bad-solid', 'bad-solid-hover'])(
    'writes white at 4.5:1 on %s',
    (name) => {
      expect(ratio(luminance('#ffffff'), luminance(colour(name, side)))).toBeGreaterThanOrEqual(4.5)
    },
  )
})

function contrast(name: string, ground: string, side: 0 | 1): number {
  return ratio(luminance(colour(name, side)), luminance(colour(ground, side)))
}

/** The hex colour of a token in one theme. */
function colour(name: string, side: 0 | 1): string {
  const pair = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(CSS)
  const found = pair?.[side + 1]
  if (found === undefined) throw new Error(`--${name} is not a pair of hex colours`)
  return found
}

const ratio = (a: number, b: number): number => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)

/** Relative luminance as WCAG 2 has it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
