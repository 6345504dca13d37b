import { pino } from 'pino'
import { expect, it } from 'vitest'
import { logDamage } from './log-damage.ts'

it('tells each damage once, in whatever order they are found', async () => {
  const lines: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) })
  const found = [{ job: 'hot.db', what: 'a tick' }]
  let looks = 0
  const source = { damage: async () => (looks++, [...found]) }
  const telling = logDamage(source, log, 1)
  await expect.poll(() => looks).toBeGreaterThan(2)
  found.unshift({ job: 'jaaaaaaaaaaaa', what: 'a chunk' })
  await expect.poll(() => lines.length).toBe(2)
  await telling.close()
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { job: 'hot.db', what: 'a tick', level: 50 },
    { job: 'jaaaaaaaaaaaa', what: 'a chunk', level: 50 },
  ])
})
