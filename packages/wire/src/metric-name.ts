declare const brand: unique symbol

/** A name that passed {@link isMetricName}: 1 to 128 of `a-z A-Z 0-9 _ -`. */
export type MetricName = string & { readonly [brand]: 'MetricName' }

export const MAX_NAME_BYTES = 128

const METRIC_NAME = /^[A-Za-z0-9_-]{1,128}$/

/** The one rule of names, for the wire, the form, the API and the CLI alike. JavaScript's `$` takes no final newline. */
export function isMetricName(text: string): text is MetricName {
  return METRIC_NAME.test(text)
}
