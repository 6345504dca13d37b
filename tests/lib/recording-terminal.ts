import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { plainPaint } from '../../packages/cli/src/format/paint.ts'
import type { Terminal } from '../../packages/cli/src/terminal.ts'

export interface RecordingTerminal extends Terminal {
  out(): string
  err(): string
}

/** The outputs of a command that runs in this process, as pipes would have them: nobody watches, nobody can be asked. */
export function recordingTerminal(input = ''): RecordingTerminal {
  let out = ''
  let err = ''
  return {
    isWatched: false,
    canAsk: false,
    paint: plainPaint,
    paintNote: plainPaint,
    columns: () => 80,
    rows: () => 24,
    print: (line) => (out += `${line}\n`),
    note: (line) => (err += `${line}\n`),
    progress: () => undefined,
    write: (raw) => (out += raw),
    copyOut: async (source) => {
      out += await text(source)
    },
    input: () => Readable.from([input]),
    ask: () => Promise.reject(new Error('Nobody can be asked.')),
    askKey: () => Promise.reject(new Error('Nobody can be asked.')),
    readInput: () => Promise.resolve(input),
    onInterrupt: () => () => undefined,
    out: () => out,
    err: () => err,
  }
}
