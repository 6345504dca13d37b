import { describe, expect, it } from 'vitest'
import { ansiPieces } from './ansi-pieces.ts'

const plain = (text: string) => [{ text, decorations: [] }]

describe('ansiPieces', () => {
  it.each([
    ['a plain line', 'step 1', plain('step 1')],
    ['markup as the text it is', '<b>&amp;</b>', plain('<b>&amp;</b>')],
    ['only what a progress bar showed last', ' 10%\r 50%\r100%\r', plain('100%')],
    [
      'no title, link or other order to a terminal',
      '\u001B]0;title\u0007a\u001B]8;;http://x\u001B\\b',
      plain('ab'),
    ],
    [
      'a named colour by the theme',
      '\u001B[31mred\u001B[0m rest',
      [
        { text: 'red', colour: 'var(--ansi-red)', decorations: [] },
        { text: ' rest', decorations: [] },
      ],
    ],
    [
      'bold on a ground',
      '\u001B[1;44mx\u001B[0m',
      [{ text: 'x', ground: 'var(--ansi-blue)', decorations: ['bold'] }],
    ],
    [
      'one of 256 colours',
      '\u001B[38;5;208mx\u001B[0m',
      [
        {
          text: 'x',
          colour: 'color-mix(in oklab, rgb(255, 135, 0) 70%, var(--text))',
          decorations: [],
        },
      ],
    ],
    [
      'a colour in full',
      '\u001B[38;2;1;2;3mx\u001B[0m',
      [
        {
          text: 'x',
          colour: 'color-mix(in oklab, rgb(1, 2, 3) 70%, var(--text))',
          decorations: [],
        },
      ],
    ],
  ])('shows %s', (_, line, pieces) => expect(ansiPieces(line)).toEqual(pieces))

  it('cuts what nobody reads', () => {
    const [piece] = ansiPieces('x'.repeat(1_000_000))
    expect(piece?.text.length).toBeLessThan(5100)
    expect(piece?.text).toContain('995,000 more characters')
  })
})
