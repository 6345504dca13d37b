/** Most bytes of one UDP datagram over IPv4; a line is never longer than that. */
export const MAX_DATAGRAM_BYTES = 65_507

/** Most values that fit into one datagram: each takes a digit and a colon. */
export const MAX_VALUES = 32_768

/** Why a line is not taken, in the order in which they are looked for. */
export const REFUSALS = [
  'event',
  'service_check',
  'format',
  'telemetry',
  'name',
  'type',
  'value',
  'rate',
  'time',
  'job',
] as const
export type Refusal = (typeof REFUSALS)[number]

/** The two types of a line that is taken: counter and gauge. */
export type LineType = 'c' | 'g'

/** The tags that name the job of a line, the first before the second. */
export const JOB_TAG = 'container_name'
export const ENTITY_TAG = 'dd.internal.entity_id'

/** The Datadog clients' reports on themselves: names that begin so are nobody's metric. */
export const TELEMETRY_PREFIX = 'datadog.dogstatsd.client.'
