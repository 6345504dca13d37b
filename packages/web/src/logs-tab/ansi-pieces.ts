import Anser from 'anser'

/** A run of a line that looks one way. It goes on the page as text and style, never as HTML. */
export interface AnsiPiece {
  readonly text: string
  /** A CSS colour: a variable of the theme for the sixteen named ones. */
  readonly colour?: string
  readonly ground?: string
  readonly decorations: readonly string[]
}

/** What a terminal shows of a longer line is anybody's guess; a page must stay quick. */
const MAX_SHOWN = 5000

/* oxlint-disable no-control-regex -- control characters are what these are about */
const OTHER_ESCAPES =
  /\u001B(?:\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[PX^_][^\u001B]*\u001B\\|[()][A-Z0-9]|[=>78cDEHM])/g
const COLOURS = /\u001B\[/
/* oxlint-enable no-control-regex */

export function ansiPieces(line: string): readonly AnsiPiece[] {
  const text = cut(lastOverwrite(line))
  if (!COLOURS.test(text)) return [{ text: text.replace(OTHER_ESCAPES, ''), decorations: [] }]
  const entries = Anser.ansiToJson(text.replace(OTHER_ESCAPES, ''), {
    json: true,
    use_classes: true,
    remove_empty: true,
  })
  return entries.map(({ content, fg, bg, fg_truecolor, bg_truecolor, decorations }) => {
    const colour = cssColour(fg, fg_truecolor)
    const ground = cssColour(bg, bg_truecolor)
    return {
      text: content,
      decorations,
      ...(colour === undefined ? {} : { colour }),
      ...(ground === undefined ? {} : { ground }),
    }
  })
}

/** A progress bar overwrites its line again and again: only what stood last is shown. */
function lastOverwrite(line: string): string {
  const trimmed = line.replace(/\r+$/, '')
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1)
}

function cut(text: string): string {
  return text.length <= MAX_SHOWN
    ? text
    : `${text.slice(0, MAX_SHOWN)}… (${(text.length - MAX_SHOWN).toLocaleString('en-US')} more characters)`
}

function cssColour(name: string | null, truecolour: string | null): string | undefined {
  if (name === null || name === '') return undefined
  const palette = /^ansi-palette-(\d+)$/.exec(name)?.[1]
  if (palette !== undefined) return readable(paletteColour(Number(palette)))
  if (name === 'ansi-truecolor') return truecolour === null ? undefined : readable(truecolour)
  return `var(--${name})`
}

/** Colours were chosen for somebody else's ground: a share of the text's own keeps them legible on both of ours. */
const readable = (rgb: string): string => `color-mix(in oklab, rgb(${rgb}) 70%, var(--text))`

/** The 256 colours beyond the sixteen: a cube of 6 x 6 x 6, then 24 greys. */
function paletteColour(index: number): string {
  if (index >= 232) {
    const grey = 8 + 10 * (index - 232)
    return `${grey}, ${grey}, ${grey}`
  }
  const cube = index - 16
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6]
    .map((level) => (level === 0 ? 0 : 55 + 40 * level))
    .join(', ')
}
