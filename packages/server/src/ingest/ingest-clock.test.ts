import { describe, expect, it } from 'vitest'
import { unixMs } from '../units.ts'
import { IngestClock } from './ingest-clock.ts'

function newClock(wall: number, floor: number) {
  const time = { wall, monotonic: 50 }
  const source = { wall: () => time.wall, monotonic: () => time.monotonic }
  const clock = new IngestClock(source, unixMs(floor))
  return {
    now: () => clock.now(),
    /** The machine's clock moves by `wallMs` while `ms` pass. */
    pass(ms: number, wallMs = ms): void {
      time.monotonic += ms
      time.wall += wallMs
      clock.follow()
    },
  }
}

describe('IngestClock', () => {
  it('follows the machine when it is set forward', () => {
    const clock = newClock(10_000.7, 0)
    expect(clock.now()).toBe(10_000)
    clock.pass(100)
    expect(clock.now()).toBe(10_100)
    clock.pass(100, 3_600_000)
    expect(clock.now()).toBe(3_610_100)
  })

  it('runs on while the machine is set back', () => {
    const clock = newClock(10_000, 0)
    clock.pass(100, -5000)
    expect(clock.now()).toBe(10_100)
    clock.pass(100)
    expect(clock.now()).toBe(10_200)
  })

  it('begins above the newest tick, where the machine was set back meanwhile', () => {
    expect(newClock(10_000, 99_000).now()).toBe(99_001)
  })

  it('stays with the machine when it was only restarted quickly', () => {
    expect(newClock(10_000, 10_800).now()).toBe(10_000)
  })
})
