// Sends two metrics every two seconds for an hour. Declare testMetric1 and testMetric2.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client } from '@plotline/client'

const { values } = parseArgs({
  options: {
    interval: { type: 'string', default: '2' },
    duration: { type: 'string', default: '3600' },
  },
})
const intervalMs = Number(values.interval) * 1000
const durationMs = Number(values.duration) * 1000

const client = new Client()
const start = performance.now()
for (let step = 1; (step - 1) * intervalMs < durationMs; step++) {
  const value = 1 + Math.floor(Math.random() * 100)
  client.increment('testMetric1', 1)
  client.gauge('testMetric2', value)
  console.log(`step ${step}: testMetric1 +1, testMetric2 = ${value}`)
  await sleep(Math.max(0, start + step * intervalMs - performance.now()))
}
await client.close()
