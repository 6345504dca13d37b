import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_LINE_BYTES } from './log-line.ts'
import { openLogWriter } from './log-writer.ts'

let folder: string
let now: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plotline-log-'))
  now = 5000
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (maxBytes?: number) =>
  openLogWriter({
    linesPath: join(folder, 'lines'),
    indexPath: join(folder, 'index'),
    clock: () => now,
    ...(maxBytes && { maxBytes }),
  })
const written = () => readFileSync(join(folder, 'lines'), 'latin1')
const writtenLines = () => written().split('\n').slice(0, -1)

describe('openLogWriter', () => {
  it.each<[string, string[], string[]]>([
    ['lines', ['a\nb\n'], ['o a', 'o b']],
    ['a line in pieces', ['a', 'b', 'c\n'], ['o abc']],
    ['empty lines', ['\n\n'], ['o ', 'o ']],
    ['a last line without its end', ['a\nb'], ['o a', 'O b']],
    ['"\\r\\n"', ['a\r\nb\r', '\nc\r\n'], ['o a', 'o b', 'o c']],
    ['"\\r\\r\\n"', ['a\r\r\n'], ['o a']],
    ['a progress bar, by its last state', ['1%\r2%\r3%\r4%\n', 'done\n'], ['o 4%', 'o done']],
    ['a bar that begins each state with "\\r"', ['\r1%\r2%', '\r3%', '\n'], ['o 3%']],
    ['a bar that ends with "\\r"', ['1%\r2%\r3%\r'], ['O 3%']],
    ['a bar in pieces', ['1', '%\r', '2%', '\r', '3%\n'], ['o 3%']],
  ])('writes %s', (_what, chunks, lines) => {
    const log = open()
    for (const chunk of chunks) log.write('stdout', Buffer.from(chunk))
    log.close()
    expect(writtenLines()).toEqual(lines.map((line) => `5000 ${line}`))
  })

  it('keeps of a long progress bar one state in ten seconds and the last', () => {
    const log = open()
    for (let step = 0; step <= 3000; step++) {
      log.write('stderr', Buffer.from(`\r${step}`))
      now += 20
      log.flush()
    }
    log.write('stderr', Buffer.from('\n'))
    log.close()
    expect(writtenLines().map((line) => line.split(' e ')[1])).toEqual([
      '499',
      '999',
      '1499',
      '1999',
      '2499',
      '2999',
      '3000',
    ])
  })

  it('keeps each state of a bar that rests for a second on it, once', () => {
    const log = open()
    for (const state of ['10%', '20%', '30%']) {
      log.write('stdout', Buffer.from(`\r${state}`))
      for (let i = 0; i < 5; i++) {
        now += 300
        log.flush()
      }
    }
    log.write('stdout', Buffer.from('\nnext\n'))
    log.close()
    expect(writtenLines().map((line) => line.slice(5))).toEqual([
      'o 10%',
      'o 20%',
      'o 30%',
      'o next',
    ])
  })

  it('shows a begun line that waits, and its rest as a line of its own', () => {
    const log = open()
    log.write('stdout', Buffer.from('Loading... '))
    now += 999
    log.flush()
    expect(written()).toBe('')
    now += 1
    log.flush()
    expect(written()).toBe('6000 O Loading... \n')
    log.write('stdout', Buffer.from('done\n'))
    log.close()
    expect(writtenLines()).toEqual(['6000 O Loading... ', '6000 o done'])
  })

  it('keeps the two streams apart', () => {
    const log = open()
    log.write('stdout', Buffer.from('out'))
    log.write('stderr', Buffer.from('err\n'))
    log.write('stdout', Buffer.from('put\n'))
    log.close()
    expect(writtenLines()).toEqual(['5000 e err', '5000 o output'])
  })

  it('splits a line that does not end', () => {
    const log = open()
    const text = 'x'.repeat(MAX_LINE_BYTES * 2 + 10)
    for (let i = 0; i < text.length; i += 1000)
      log.write('stdout', Buffer.from(text.slice(i, i + 1000)))
    log.write('stdout', Buffer.from('\n'))
    log.close()
    expect(writtenLines().map((line) => [line.slice(0, 7), line.length - 7])).toEqual([
      ['5000 O ', MAX_LINE_BYTES],
      ['5000 O ', MAX_LINE_BYTES],
      ['5000 o ', 10],
    ])
  })

  it('drops what is over the limit, and says so at once and at the end', () => {
    const log = open(400)
    for (let i = 0; i < 50; i++) log.write('stdout', Buffer.from('0123456789\n'))
    log.flush()
    const kept = written().match(/o 0123456789/g)?.length ?? 0
    expect(kept).toBeGreaterThan(10)
    expect(writtenLines().at(-1)).toBe(
      '5000 p The log has reached its limit of 400 bytes: what follows is dropped.',
    )
    log.close()
    expect(writtenLines().at(-1)).toBe(`5000 p ${(50 - kept) * 11} bytes of output were dropped.`)
  })

  it('writes the index: where each 256th line ends', () => {
    const log = open()
    for (let i = 1; i <= 600; i++) log.write('stdout', Buffer.from(`${i}\n`))
    log.close()
    const index = readFileSync(join(folder, 'index'))
    expect(index.length).toBe(16)
    const second = Number(index.readBigUInt64LE(8))
    expect(written().slice(second)).toMatch(/^5000 o 513\n/)
  })

  it('loses lines and not the job on a disk that is full', () => {
    const log = openLogWriter({
      linesPath: '/dev/full',
      indexPath: join(folder, 'index'),
      clock: () => now,
    })
    log.write('stdout', Buffer.from('a\n'))
    expect(() => log.flush()).not.toThrow()
    expect(() => log.close()).not.toThrow()
  })
})
