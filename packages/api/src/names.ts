/** The part of the contract that needs no schema library: what a web page may import by value. */
export * from './job-states.ts'
export * from './metric-names.ts'
export { isMetricName, type MetricName } from '@plotline/wire'
