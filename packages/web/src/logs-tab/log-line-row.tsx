import type { LogLine } from '@plotline/api'
import { memo, type CSSProperties, type ReactElement } from 'react'
import { formatClockMs } from '../charts/time-format.ts'
import { ansiPieces, type AnsiPiece } from './ansi-pieces.ts'
import styles from './logs-tab.module.css'

export type Timestamps = 'off' | 'relative' | 'clock'

/** One line of the log. Its number is a link to it. */
export const LogLineRow = memo(function LogLineRow({
  line,
  timestamps,
  startedAt,
  match,
  isLinked,
  onLink,
}: {
  readonly line: LogLine
  readonly timestamps: Timestamps
  readonly startedAt: number
  /** Text to mark in it. */
  readonly match: string
  readonly isLinked: boolean
  readonly onLink: (n: number) => void
}): ReactElement {
  const time = timeOf(line.t, timestamps, startedAt)
  return (
    <div className={styles['line']} data-stream={line.stream} data-linked={isLinked || undefined}>
      <a
        className={styles['number']}
        href={`#L${line.n}`}
        aria-label={`Link to line ${line.n}`}
        onClick={(event) => {
          event.preventDefault()
          onLink(line.n)
        }}
      >
        {line.n}
      </a>
      {time !== undefined && <span className={styles['time']}>{time}</span>}
      <span className={styles['text']}>
        {ansiPieces(line.text).map((piece, place) => (
          // Pieces have no names, and a line never changes.
          // oxlint-disable-next-line react/no-array-index-key
          <Piece key={place} piece={piece} match={match} />
        ))}
      </span>
    </div>
  )
})

function Piece({
  piece,
  match,
}: {
  readonly piece: AnsiPiece
  readonly match: string
}): ReactElement {
  return <span style={styleOf(piece)}>{marked(piece.text, match)}</span>
}

function marked(text: string, match: string): (string | ReactElement)[] {
  if (match === '') return [text]
  const parts: (string | ReactElement)[] = []
  let from = 0
  for (let at = text.indexOf(match); at >= 0; at = text.indexOf(match, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{match}</mark>)
    from = at + match.length
  }
  parts.push(text.slice(from))
  return parts
}

function styleOf({ colour, ground, decorations }: AnsiPiece): CSSProperties {
  const isReversed = decorations.includes('reverse')
  const [front, back] = isReversed
    ? [ground ?? 'var(--surface)', colour ?? 'var(--text)']
    : [colour, ground]
  const lines = [
    ...(decorations.includes('underline') ? ['underline'] : []),
    ...(decorations.includes('strikethrough') ? ['line-through'] : []),
  ]
  return {
    ...(front === undefined ? {} : { color: front }),
    ...(back === undefined ? {} : { backgroundColor: back }),
    ...(decorations.includes('bold') ? { fontWeight: 600 } : {}),
    ...(decorations.includes('dim') ? { opacity: 0.7 } : {}),
    ...(decorations.includes('italic') ? { fontStyle: 'italic' } : {}),
    ...(decorations.includes('hidden') ? { visibility: 'hidden' as const } : {}),
    ...(lines.length === 0 ? {} : { textDecoration: lines.join(' ') }),
  }
}

function timeOf(t: number, timestamps: Timestamps, startedAt: number): string | undefined {
  switch (timestamps) {
    case 'off':
      return undefined
    case 'relative':
      return `+${(Math.max(0, t - startedAt) / 1000).toFixed(2)}s`
    case 'clock':
      return formatClockMs(t)
  }
}
