/** What may stand behind the "?" of any page: each value is text, as the person or the link wrote it. */
export interface SearchParams {
  readonly [name: string]: string | undefined
}

/** No JSON in URLs: `?q=123` is the text "123", and `?range=live:5m` stays as legible as it is. */
export function parseSearch(text: string): SearchParams {
  return Object.fromEntries(new URLSearchParams(text))
}

export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(search).flatMap(([name, value]) =>
    typeof value === 'string' && value !== '' ? [`${name}=${encoded(value)}`] : [],
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

/** Colons and commas may stand in a query as they are, and read better so. */
function encoded(value: string): string {
  return encodeURIComponent(value).replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%20/g, '+')
}
