import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_LINE_BYTES, openLogWriter } from './log-writer.ts'

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

describe('openLogWriter', () => {
  it.each<[string, string[], string[]]>([
    ['lines', ['a\nb\n'], ['a', 'b']],
    ['a line in pieces', ['a', 'b', 'c\n'], ['abc']],
    ['empty lines', ['\n\n'], ['', '']],
    ['a last line without its end', ['a\nb'], ['a', 'b']],
    ['"\\r\\n"', ['a\r\nb\r', '\nc\r\n'], ['a', 'b', 'c']],
    ['a progress bar, by its last state', ['1%\r2%\r3%\r4%\n', 'done\n'], ['1%', '4%', 'done']],
    ['a progress bar that ends with "\\r"', ['1%\r2%\r3%\r'], ['1%', '3%']],
    ['a progress bar in pieces', ['1', '%\r', '2%', '\r', '3%\n'], ['1%', '3%']],
  ])('writes %s', (_what, chunks, lines) => {
    const log = open()
    for (const chunk of chunks) log.write('stdout', Buffer.from(chunk))
    log.close()
    expect(written()).toBe(lines.map((line) => `5000 o ${line}\n`).join(''))
  })

  it('gives a redrawn line at most one line a second', () => {
    const log = open()
    for (let percent = 0; percent <= 100; percent++) {
      log.write('stderr', Buffer.from(`${percent}%\r`))
      now += 100
    }
    log.close()
    expect(written().split('\n').length).toBeLessThanOrEqual(13)
    expect(written()).toMatch(/e 100%\n$/)
  })

  it('keeps the two streams apart', () => {
    const log = open()
    log.write('stdout', Buffer.from('out'))
    log.write('stderr', Buffer.from('err\n'))
    log.write('stdout', Buffer.from('put\n'))
    log.close()
    expect(written()).toBe('5000 e err\n5000 o output\n')
  })

  it('splits a line that does not end', () => {
    const log = open()
    const text = 'x'.repeat(MAX_LINE_BYTES * 2 + 10)
    for (let i = 0; i < text.length; i += 1000)
      log.write('stdout', Buffer.from(text.slice(i, i + 1000)))
    log.close()
    const lengths = written()
      .split('\n')
      .map((line) => line.length)
    expect(lengths).toEqual([MAX_LINE_BYTES + 7, MAX_LINE_BYTES + 7, 10 + 7, 0])
  })

  it('drops what is over the limit, and says how much', () => {
    const log = open(100)
    for (let i = 0; i < 50; i++) log.write('stdout', Buffer.from('0123456789\n'))
    log.close()
    const kept = written().match(/o 0123456789/g)?.length ?? 0
    expect(written()).toContain(
      `p ${(50 - kept) * 10} bytes of output were dropped: a log is limited to 100 bytes.`,
    )
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
})
