/** The part of the contract that needs no schema library, for pages and threads that should not carry one. */
export * from './bytes-text.ts'
export * from './error-codes.ts'
export * from './job-states.ts'
export * from './metric-names.ts'
export { isMetricName, type MetricName } from '@plotline/wire'
