export { ByteTable, hashOf } from './byte-table.ts'
export { encodeLine } from './encode-line.ts'
export { hintFor } from './hint.ts'
export { LineReader, type Outcome } from './line-reader.ts'
export {
  ENTITY_TAG,
  JOB_TAG,
  MAX_DATAGRAM_BYTES,
  MAX_VALUES,
  REFUSALS,
  type LineType,
  type Refusal,
} from './line.ts'
export { isMetricName, MAX_NAME_BYTES, type MetricName } from './metric-name.ts'
export { RECENT_NAMES } from './recent-names.ts'
export { MAX_SHOWN_BYTES, showLine } from './show-line.ts'
