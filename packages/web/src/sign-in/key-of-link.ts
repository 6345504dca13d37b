const KEY = /(?:^|[#&])key=([^&\s]+)/

/** The key in the fragment of the link that the server prints: `http://127.0.0.1:8400/#key=XXXX`. */
export function keyOfLink(link: string): string | undefined {
  const hash = link.indexOf('#')
  const found = hash < 0 ? undefined : KEY.exec(link.slice(hash))?.[1]
  return found === undefined ? undefined : decoded(found)
}

/** The same link without its key: what may stand in the address bar and in the history. */
export function linkWithoutKey(link: string): string {
  const [page = '', fragment = ''] = link.split('#', 2)
  const rest = fragment
    .split('&')
    .filter((part) => !part.startsWith('key='))
    .join('&')
  return rest === '' ? page : `${page}#${rest}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
