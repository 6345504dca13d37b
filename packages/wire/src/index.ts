export { isMetricName, MAX_NAME_BYTES, type MetricName } from './metric-name.ts'
