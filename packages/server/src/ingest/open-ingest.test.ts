import { createSocket } from 'node:dgram'
import { MessageChannel } from 'node:worker_threads'
import { expect, it } from 'vitest'
import type { BucketBatch } from '../metrics/bucket-batch.ts'
import type { JobChange } from '../metrics/ingest.ts'
import type { MetricName } from '@plotline/wire'
import { serveCalls } from '../thread-call.ts'
import { unixMs, type JobId } from '../units.ts'
import type * as OpenIngest from './open-ingest.ts'

const JOB = 'jaaaaaaaaaaaa' as JobId
const BUILT = new URL('../../dist/ingest/open-ingest.js', import.meta.url).href

/** A thread runs compiled code only: `npm run build` comes before. */
it('receives in a thread of its own, stores by the port and tells what changed', async () => {
  const { openIngest } = (await import(BUILT)) as typeof OpenIngest
  const { port1, port2 } = new MessageChannel()
  const batches: BucketBatch[] = []
  serveCalls(port1, {
    async append(batch: BucketBatch): Promise<void> {
      batches.push(batch)
    },
  })
  const options = { host: '127.0.0.1', port: 0, store: port2, floorMs: unixMs(0) }
  const ingest = await openIngest(options)
  const change = new Promise<JobChange>((resolve) => ingest.onChange(resolve))
  await ingest.open({
    jobId: JOB,
    declared: ['steps' as MetricName],
    createdAt: unixMs(Date.now()),
    stored: { series: [], account: undefined },
  })
  const socket = createSocket('udp4')
  socket.send(`steps:3|c|#container_name:${JOB}`, ingest.statsd.port, '127.0.0.1')
  expect((await change).series[0]).toMatchObject({ name: 'steps', last: [3] })
  expect((await ingest.pending(JOB)).at(-1)?.buckets.length).toBeLessThanOrEqual(1)
  expect(await ingest.accept(JOB, Buffer.from('steps:4|c\nsteps:x|c'))).toMatchObject({
    accepted: 1,
    refused: [{ number: 2, reason: 'value' }],
  })
  await ingest.end(JOB, unixMs(Date.now()))
  const increments = batches.flatMap(({ buckets }) => [...buckets.last])
  expect(increments.reduce((sum, value) => sum + value, 0)).toBe(7)

  const taken = { ...options, store: new MessageChannel().port1, port: ingest.statsd.port }
  await expect(openIngest(taken)).rejects.toThrow(/EADDRINUSE/)
  socket.close()
  await ingest.close()
  port1.close()
})
