import { describe, expect, it } from 'vitest'
import type { MetricName } from '@plotline/wire'
import { BatchBuilder } from '../metrics/aggregate-batch.ts'
import { JobAggregate } from '../metrics/aggregate-job.ts'
import { unixMs, type JobId } from '../units.ts'
import { Account, MAX_COST_A_SECOND } from './account.ts'
import { Intake, type KnownJob } from './intake.ts'

const T0 = 1_700_000_000_000
const A = 'jaaaaaaaaaaaa' as JobId
const B = 'jbbbbbbbbbbbb' as JobId

function newJob(jobId: JobId, createdAt = T0 - 60_000): KnownJob & { account: Account } {
  const declared = ['loss', 'steps'] as MetricName[]
  const aggregate = new JobAggregate({
    jobId,
    declared,
    createdAt: unixMs(createdAt),
    stored: { series: [], account: undefined },
  })
  return { jobId, aggregate, account: new Account(), datagram: -1 }
}

function newIntake(...jobs: readonly KnownJob[]): Intake {
  const intake = new Intake()
  for (const job of jobs) intake.add(job)
  return intake
}

/** `sender` is the port of who sends. */
function send(intake: Intake, text: string, at = 0, sender = 1, owner?: KnownJob): void {
  intake.take(Buffer.from(text, 'latin1'), sender, owner, unixMs(T0 + at))
  intake.touched.length = 0
}

/** What was stored of a job: [name, time, value, estimated]. */
function stored(job: KnownJob): (readonly [string, number, number, boolean])[] {
  const builder = new BatchBuilder()
  job.aggregate?.take(builder, undefined)
  const { series, seriesOf, buckets } = builder.finish(unixMs(T0), [])
  return Array.from(buckets.t, (t, i) => [
    series[seriesOf[i] ?? 0]?.name ?? '',
    t - T0,
    buckets.last[i] ?? 0,
    buckets.estimated[i] === 1,
  ])
}

const lossOf = (id: JobId, value: number): string => `loss:${value}|g|#container_name:${id}`

const counts = (account: Account): Record<string, number> =>
  Object.fromEntries(Object.entries(account.refused).map(([reason, { count }]) => [reason, count]))

describe('Intake', () => {
  it.each([
    ['the container tag', `loss:1|g|#x:y,container_name:${A}`, B],
    ['the entity tag', `loss:1|g|#dd.internal.entity_id:${A}`, B],
    ['its own socket', 'loss:1|g', A],
    ["its own socket, where the tag is no job's", 'loss:1|g|#dd.internal.entity_id:pod-uid-1', A],
  ])('knows the job of a sample by %s', (_by, line, ownerId) => {
    const [a, b] = [newJob(A), newJob(B)]
    send(newIntake(a, b), line, 0, 1, ownerId === A ? a : b)
    expect([stored(a).length, stored(b).length]).toEqual([1, 0])
  })

  it('separates two jobs that send the same name in one datagram', () => {
    const [a, b] = [newJob(A), newJob(B)]
    send(newIntake(a, b), [lossOf(A, 1), lossOf(B, 2)].join('\n'))
    expect([stored(a), stored(b)]).toEqual([[['loss', 0, 1, false]], [['loss', 0, 2, false]]])
  })

  it('counts the lines of strangers and of jobs that are over', () => {
    const over: KnownJob = { ...newJob(B), aggregate: undefined }
    const early: KnownJob = { ...over, jobId: 'jcccccccccccc' as JobId, account: undefined }
    const intake = newIntake(over, early)
    send(intake, 'loss:1|g\nloss:1:2:3|g|#container_name:jzzzzzzzzzzzz')
    send(intake, `loss:1|g|#container_name:${B}\nloss:1|g|#container_name:${early.jobId}`)
    expect(counts(intake.server)).toEqual({ unknown_job: 4, job_ended: 1 })
    expect(counts(over.account ?? new Account())).toEqual({ job_ended: 1 })
  })

  it.each([
    ['loss:nan|g', 'value', 'loss:nan|g'],
    ['bad.name:1|g', 'name', 'bad.name:1|g'],
    ['loss:1|c\nloss:1|g', 'type_clash', 'loss:1|g'],
    ['other:1:2|g', 'undeclared', 'other:1:2|g'],
    [`loss:1|g|T${T0 / 1000 - 62}`, 'late', `loss:1|g|T${T0 / 1000 - 62}`],
    [`loss:1|g|T${T0 / 1000 + 61}`, 'late', `loss:1|g|T${T0 / 1000 + 61}`],
    ['steps:1.7e308|c\nsteps:1e308|c', 'value', 'steps:1e308|c'],
    ['datadog.dogstatsd.client.metrics:1|c', 'telemetry', 'datadog.dogstatsd.client.metrics:1|c'],
    ['_sc|x|0', 'service_check', '_sc|x|0'],
    ['\\é|\n\x00\x01', 'format', '\\x00\\x01'],
  ])('counts of %j what it does not store as %s and shows the line', (text, reason, line) => {
    const job = newJob(A)
    send(newIntake(job), text, 0, 1, job)
    expect(job.account.refused[reason]).toMatchObject({ lastLine: line })
  })

  it('says what to do about the commonest mistake', () => {
    const job = newJob(A)
    send(newIntake(job), "loss:tensor(0.03, device='cuda:0')|g", 0, 1, job)
    expect(job.account.refused['value']?.hint).toMatch(/loss\.item/)
  })

  it('shows the loss that a client tells of', () => {
    const job = newJob(A)
    const line = `datadog.dogstatsd.client.packets_dropped:7|c|#container_name:${A}`
    send(newIntake(job), `${line}\n${line}`)
    expect(job.account.lost.client).toBe(14)
    expect(job.account.lossMarks).toEqual([{ t: T0, kind: 'client', count: 14 }])
  })

  it('puts a sample with a time where it belongs, and one of the first second not before the job', () => {
    const job = newJob(A, T0 - 1500)
    const second = T0 / 1000
    send(newIntake(job), `loss:1|g|T${second - 1}\nloss:2|g|T${second - 2}`, 700, 1, job)
    expect(stored(job)).toEqual([
      ['loss', -1500, 2, false],
      ['loss', -1000, 1, false],
    ])
  })

  it('spreads the samples of a client that holds them back over the time since its last datagram', () => {
    const job = newJob(A)
    const intake = newIntake(job)
    send(intake, 'steps:1|c\nloss:0|g', 0, 1, job)
    expect(job.account.batched).toBe(false)
    const lines = Array.from({ length: 33 }, (_, i) => (i % 2 === 0 ? 'steps:1|c' : `loss:${i}|g`))
    send(intake, `${lines.join('\n')}\n`, 33_000, 1, job)
    expect(job.account.batched).toBe(true)
    const loss = stored(job).filter(([name]) => name === 'loss')
    expect(loss.slice(0, 3)).toEqual([
      ['loss', 0, 0, false],
      ['loss', 2000, 1, true],
      ['loss', 4000, 3, true],
    ])
    expect(loss.at(-1)).toEqual(['loss', 32_000, 31, true])
    expect(loss).toHaveLength(17)
  })

  it.each([
    ['its first batch over a second', -1, 0, -500],
    ['not before the job began', -1, T0 - 100, -50],
    ['nothing that follows at once', 10, 0, 0],
  ])('spreads %s', (_what, before, createdAt, first) => {
    const job = newJob(A, createdAt)
    const intake = newIntake(job)
    if (before > 0) send(intake, 'steps:1|c', -before, 1, job)
    send(intake, 'loss:1|g\nloss:2|g', 0, 1, job)
    expect(stored(job).filter(([name]) => name === 'loss')).toEqual([
      ['loss', first, 1, first < 0],
      ['loss', 0, 2, first < 0],
    ])
  })

  it('does not take the samples of several senders, or of several metrics, for a batch', () => {
    const job = newJob(A)
    const intake = newIntake(job)
    send(intake, 'loss:1|g\nsteps:1|c', 0, 1, job)
    send(intake, 'loss:2|g\nsteps:1|c', 500, 2, job)
    expect(stored(job).every(([, , , estimated]) => !estimated)).toBe(true)
    expect(job.account.batched).toBe(false)
  })

  it('drops what one job sends beyond its share of a second, unread and counted', () => {
    const [flood, calm] = [newJob(A), newJob(B)]
    const intake = newIntake(flood, calm)
    const datagram = Buffer.from(`${'x\n'.repeat(32_000)}loss:1|g|#container_name:${A}`)
    const cost = datagram.length + 32_001 * 32
    const sent = Math.ceil(MAX_COST_A_SECOND / cost) + 20
    for (let i = 0; i < sent; i++) intake.take(datagram, 1, undefined, unixMs(T0))
    expect(counts(flood.account)['overload']).toBeGreaterThan(15)
    send(intake, `loss:5|g|#container_name:${B}`, 0, 2)
    expect(stored(calm)).toEqual([['loss', 0, 5, false]])
    send(intake, `loss:6|g|#container_name:${A}`, 1000, 1)
    expect(stored(flood).at(-1)).toEqual(['loss', 1000, 6, false])
  })

  it('holds 100 undeclared names of a job and no more', () => {
    const job = newJob(A)
    const names = Array.from({ length: 5000 }, (_, i) => `name${i}:1|c`)
    send(newIntake(job), names.join('\n'), 0, 1, job)
    expect(job.aggregate?.undeclared()).toHaveLength(100)
    expect(counts(job.account)).toEqual({ undeclared: 5000 })
    job.aggregate?.declare(['name7' as MetricName])
    expect(job.aggregate?.undeclared()).toHaveLength(99)
    expect(stored(job)).toEqual([['name7', 0, 1, false]])
  })

  it('takes a body of lines, whatever their tags say, and tells which are at fault', () => {
    const job = newJob(A)
    const intake = newIntake(job)
    const body = `loss:1|g|#container_name:${B}\r\n\nloss:x|g\nsteps:1:2|c|#container_name:a,container_name:b\nnew:1|c\n`
    expect({ ...intake.accept(Buffer.from(body), job, unixMs(T0)) }).toMatchObject({
      accepted: 3,
      refused: [
        { line: 'loss:x|g', number: 3, reason: 'value' },
        { line: 'new:1|c', number: 5, reason: 'undeclared' },
      ],
    })
  })

  it('takes a body of any length', () => {
    const job = newJob(A)
    const body = Buffer.from(`${'steps:1|c\n'.repeat(20_000)}${'y'.repeat(70_000)}\nsteps:1|c`)
    const answer = newIntake(job).accept(body, job, unixMs(T0))
    expect(answer.accepted).toBe(20_001)
    expect(answer.refused).toMatchObject([{ number: 20_001, reason: 'format' }])
    expect(stored(job).length).toBeLessThan(20)
  })
})
