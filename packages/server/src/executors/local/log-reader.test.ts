import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogQuery } from '@plotline/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_LINE_BYTES } from './log-line.ts'
import { followLines, logText, readLogPage } from './log-reader.ts'
import { openLogWriter } from './log-writer.ts'

let folder: string
let linesPath: string
let indexPath: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plotline-log-'))
  linesPath = join(folder, 'lines')
  indexPath = join(folder, 'index')
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
  const log = openLogWriter({ linesPath, indexPath, clock: () => 5000 })
  log.write(stream, Buffer.from(text))
  log.close()
}
const page = async (query: LogQuery) => {
  const { lines, total, next, complete } = await readLogPage(linesPath, indexPath, query, true)
  return {
    texts: lines.map(({ text }) => text),
    ns: lines.map(({ n }) => n),
    total,
    next,
    complete,
  }
}
const count = (lines: number): string =>
  Array.from({ length: lines }, (_, i) => `line ${i + 1}\n`).join('')

describe('readLogPage', () => {
  it('gives nothing where nothing was written', async () => {
    expect(await page({})).toEqual({ texts: [], ns: [], total: 0, next: 0, complete: true })
  })

  it.each([
    [0, 2, [1, 2]],
    [255, 2, [256, 257]],
    [256, 1, [257]],
    [1279, 5, [1280]],
    [1280, 5, []],
    [5000, 5, []],
  ])('pages after %i by %i', async (after, limit, ns) => {
    write(count(1280))
    expect(await page({ after, limit })).toMatchObject({
      ns,
      total: 1280,
      next: ns.at(-1) ?? 1280,
      complete: ns.length === 0 || ns.at(-1) === 1280,
    })
  })

  it('tells streams and times', async () => {
    write('a', 'stderr')
    const { lines } = await readLogPage(linesPath, indexPath, {}, true)
    expect(lines).toEqual([{ n: 1, t: 5000, stream: 'stderr', text: 'a' }])
  })

  it('searches forward, in the text alone', async () => {
    write(count(3000))
    expect(await page({ q: '299', limit: 3 })).toMatchObject({ ns: [299, 1299, 2299], next: 2299 })
    expect(await page({ q: '299', after: 2299 })).toMatchObject({
      ns: [2990, 2991, 2992, 2993, 2994, 2995, 2996, 2997, 2998, 2999],
      next: 3000,
    })
    expect(await page({ q: '5000 o' })).toMatchObject({ ns: [], next: 3000, complete: true })
    expect(await page({ q: '5000' })).toMatchObject({ ns: [] })
  })

  it('searches from the end', async () => {
    write(count(3000))
    expect(await page({ q: ' 7', tail: 3 })).toMatchObject({ ns: [797, 798, 799], next: 3000 })
    expect(await page({ q: 'line 1\n', tail: 3 })).toMatchObject({ ns: [] })
  })

  it('holds at most so many bytes, and says from where to go on', async () => {
    write(`${'x'.repeat(MAX_LINE_BYTES)}\n`.repeat(200))
    const first = await page({ limit: 10_000 })
    expect(first.ns.length).toBeLessThan(200)
    expect(await page({ after: first.next, limit: 1 })).toMatchObject({ ns: [first.next + 1] })
    const last = await page({ tail: 10_000 })
    expect(last.ns.at(-1)).toBe(200)
    expect(last.ns.length).toBeLessThan(200)
  })

  it('leaves out a line that is not whole', async () => {
    write('a\n')
    appendFileSync(linesPath, '5000 o beg')
    expect(await page({})).toMatchObject({ texts: ['a'], total: 1, complete: true })
  })

  it('pages right with an index that is short, missing, or names what a power cut took', async () => {
    write(count(1280))
    truncateSync(indexPath, 13)
    expect(await page({ after: 1000, limit: 1 })).toMatchObject({ ns: [1001], total: 1280 })
    rmSync(indexPath)
    expect(await page({ after: 1000, limit: 1 })).toMatchObject({ ns: [1001], total: 1280 })
    rmSync(linesPath)
    write(count(1280))
    truncateSync(linesPath, 8000)
    const { total, texts } = await page({ tail: 1 })
    expect(texts).toEqual([`line ${total}`])
  })
})

describe('followLines', () => {
  it('gives each line once as it is completed', async () => {
    writeFileSync(linesPath, '')
    const cursor = followLines(linesPath, indexPath, 1)
    const seen: string[] = []
    for (const piece of ['5 o one\n', '5 o two\n5 e thr', '', 'ee\n', '']) {
      appendFileSync(linesPath, piece)
      for (const { n, text } of await cursor.next()) seen.push(`${n} ${text}`)
    }
    for (const { n, text } of await cursor.next()) seen.push(`${n} ${text}`)
    expect(seen).toEqual(['2 two', '3 three'])
  })
})

describe('logText', () => {
  it.each(['a\nb\n', 'a\nb', '\n\n', 'x'.repeat(MAX_LINE_BYTES * 3), 'é\u0000\n'])(
    'gives back what was written (%#)',
    async (text) => {
      write(text)
      const chunks: Uint8Array[] = []
      for await (const chunk of logText(linesPath)) chunks.push(chunk)
      expect(Buffer.concat(chunks).toString()).toBe(text)
    },
  )
})
