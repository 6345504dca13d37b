import { createInterface } from 'node:readline/promises'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { colourPaint, plainPaint, type Paint } from './format/paint.ts'
import { cutText } from './format/width.ts'

const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24
const CLEAR_LINE = '\r\u001b[K'

export type Interrupt = 'SIGINT' | 'SIGTERM'

/** Where a command speaks and asks: results on standard output, everything said about them on standard error. */
export interface Terminal {
  /** Results are read by a person, not by a pipe or a file. */
  readonly isWatched: boolean
  /** There is somebody to ask. */
  readonly canAsk: boolean
  /** For results. */
  readonly paint: Paint
  /** For what goes to standard error. */
  readonly paintNote: Paint
  columns(): number
  rows(): number
  print(line: string): void
  note(line: string): void
  /** How it goes: each takes the place of the one before, and goes when something is said. Nothing where nobody watches. */
  progress(line: string): void
  /** As it is, without a line break. */
  write(text: string): void
  copyOut(source: Readable): Promise<void>
  /** Standard input as it comes. */
  input(): Readable
  ask(question: string): Promise<string>
  /** One key press; Ctrl-C comes as "\u0003". */
  askKey(question: string): Promise<string>
  /** All of standard input, for what is not to stand in a command line. */
  readInput(): Promise<string>
  /** Takes Ctrl-C and TERM over until the returned function is called. */
  onInterrupt(listener: (signal: Interrupt) => void): () => void
}

export function openTerminal(noColour: boolean): Terminal {
  const { stdin, stdout, stderr } = process
  let isProgressShown = false
  const clear = (): void => {
    if (isProgressShown) stderr.write(CLEAR_LINE)
    isProgressShown = false
  }
  const note = (line: string): void => {
    clear()
    stderr.write(`${line}\n`)
  }

  return {
    isWatched: stdout.isTTY,
    canAsk: stdin.isTTY && stderr.isTTY,
    paint: stdout.isTTY && !noColour ? colourPaint : plainPaint,
    paintNote: stderr.isTTY && !noColour ? colourPaint : plainPaint,
    // A terminal that does not know its size says 0.
    columns: () => (stdout.isTTY && stdout.columns) || DEFAULT_COLUMNS,
    rows: () => (stdout.isTTY && stdout.rows) || DEFAULT_ROWS,
    print: (line) => {
      clear()
      stdout.write(`${line}\n`)
    },
    note,
    progress: (line) => {
      if (!stderr.isTTY) return
      clear()
      stderr.write(cutText(line, (stderr.columns || DEFAULT_COLUMNS) - 1))
      isProgressShown = true
    },
    write: (raw) => void stdout.write(raw),
    copyOut: (source) => pipeline(source, stdout, { end: false }),
    input: () => stdin,
    ask: async (question) => {
      const lines = createInterface({ input: stdin, output: stderr })
      try {
        return await lines.question(question)
      } finally {
        lines.close()
      }
    },
    askKey: async (question) => {
      stderr.write(question)
      const key = await readKey(stdin)
      stderr.write('\n')
      return key
    },
    readInput: () => text(stdin),
    onInterrupt: (listener) => {
      const onInt = (): void => listener('SIGINT')
      const onTerm = (): void => listener('SIGTERM')
      process.on('SIGINT', onInt).on('SIGTERM', onTerm)
      return () => void process.off('SIGINT', onInt).off('SIGTERM', onTerm)
    },
  }
}

async function readKey(stdin: NodeJS.ReadStream): Promise<string> {
  stdin.setRawMode(true)
  stdin.resume()
  try {
    return await new Promise((resolve) => {
      stdin.once('data', (data) => resolve(String(data).slice(0, 1)))
      stdin.once('end', () => resolve(''))
    })
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
  }
}
